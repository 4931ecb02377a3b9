/**
 * Detects credentials in config. Documents are read by every user with a grant for them, kept in revisions for ever and
 * copied into artefacts, so config names secrets and never contains them.
 */

/** Headers that carry no credential, by their standards or by their names. No other may have its value in config. */
const PLAIN_HEADER = new RegExp(
  `^(?:${[
    'accept(?:-(?:charset|encoding|language|version))?',
    'cache-control|content-type|origin|pragma|prefer|referer|user-agent|x-requested-with',
    '(?:x-)?(?:api-)?version|x-client(?:-name|-version)?',
    'x-(?:region|locale|language|format|time-?zone|currency|brand|site)',
  ].join('|')})$`,
);

/** `Bearer …`, `Basic …` and their like. */
const AUTHORIZATION = /^\s*(?:bearer|basic|digest|token|negotiate|hawk|api-?key|signature|aws4-hmac-sha256)[\s:]+\S/i;

/** Tokens with a recognizable form: JSON Web Tokens, private keys, keys of well-known services. */
const KNOWN_TOKEN = new RegExp(
  [
    'eyJ[\\w-]{8,}\\.[\\w-]{8,}\\.',
    '-----BEGIN [A-Z ]*PRIVATE KEY',
    '\\b(?:sk|pk|rk|whsec)_(?:live|test)?_?[A-Za-z0-9]{12,}',
    '\\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|npm_|pypi-)[\\w-]{10,}',
    '\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b',
    '\\bAIza[\\w-]{30,}',
    '\\b(?:pds|pdk|pck)_[\\w-]{20,}',
  ].join('|'),
);

/** Endings of the names of parameters that carry credentials, without punctuation. */
const CREDENTIAL_NAME = new RegExp(
  `(?:${[
    '^key|(?:api|app|application|access|auth|client|customer|license|partner|private|secret|subscription|user)key',
    // Pagination tokens are not credentials.
    '(?<!page|next|continuation|cursor|sync)token|jwt|bearer',
    'secret|passw(?:or)?d|passphrase|pwd|pass|authorization|auth|credentials?',
    'signature|^sig|session(?:id)?|^sid',
  ].join('|')})$`,
);

/** Random text: long, of letters and digits. */
const RANDOM = /(?=[A-Za-z0-9_-]*\d[A-Za-z0-9_-]*\d)(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9_-]{24,}/;

const INSTEAD = 'name a secret of the odds service instead';

/** Why a header may not stand in config with this value; `undefined` where it may. */
export function literalSecretInHeader(name: string, value: string): string | undefined {
  if (!PLAIN_HEADER.test(name.toLowerCase()))
    return `the value of a header such as ${name} may be a credential and must not stand in config; ${INSTEAD}, by variable`;
  if (holdsCredential(value) || RANDOM.test(value))
    return `holds a credential, which must not stand in config; ${INSTEAD}, by variable`;
  return undefined;
}

/** Why an address may not stand in config; `undefined` where it may, and where it is no address at all. */
export function literalSecretInUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url) return undefined;
  if (url.username !== '' || url.password !== '') return `must be without user and password; ${INSTEAD}`;
  const parameters = [url.search.slice(1), url.hash.slice(1), ...url.pathname.split(';').slice(1)].flatMap((part) => [
    ...new URLSearchParams(part),
  ]);
  for (const [name, value] of parameters) {
    const carries = CREDENTIAL_NAME.test(name.toLowerCase().replace(/[^a-z0-9]/g, ''));
    if ((carries && value !== '') || holdsCredential(value))
      return `its parameter ${JSON.stringify(name.slice(0, 60))} holds a credential, which must not stand in config; ${INSTEAD}, in a header or a parameter`;
  }
  return holdsCredential(decoded(url.pathname))
    ? `its path holds a credential, which must not stand in config; ${INSTEAD}, in a header`
    : undefined;
}

function holdsCredential(text: string): boolean {
  return AUTHORIZATION.test(text) || KNOWN_TOKEN.test(text);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
