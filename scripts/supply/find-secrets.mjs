import { createHash } from 'node:crypto';

/**
 * Patterns of secrets in files of the repository. `value` is the group with the secret.
 * @type {readonly { kind: string, pattern: RegExp }[]}
 */
const PATTERNS = [
  {
    kind: 'private key',
    pattern: /(?<value>-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----\s*[A-Za-z0-9+/=]{16,})/,
  },
  {
    kind: 'credential of Paddock',
    pattern: /\b(?<value>(?:pds|pck)_[A-Za-z0-9_-]{43}|pdk_[0-9a-f-]{36}_[A-Za-z0-9_-]{43})/,
  },
  { kind: 'token of GitHub', pattern: /\b(?<value>gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})/ },
  { kind: 'token of GitLab', pattern: /\b(?<value>gl(?:pat|dt|rt|cbt|ptt)-[\w-]{20,})/ },
  { kind: 'token of npm', pattern: /\b(?<value>npm_[A-Za-z0-9]{36})\b|:_authToken=(?<value2>[^\s$(][^\s]{7,})/ },
  { kind: 'token of PyPI', pattern: /\b(?<value>pypi-[\w-]{50,})/ },
  { kind: 'key of AWS', pattern: /\b(?<value>(?:AKIA|ASIA)[A-Z0-9]{16})\b/ },
  { kind: 'key of Google', pattern: /\b(?<value>AIza[\w-]{35})(?![\w-])/ },
  { kind: 'token of Slack', pattern: /\b(?<value>xox[abeprs]-[\w-]{10,})/ },
  { kind: 'webhook of Slack', pattern: /(?<value>hooks\.slack\.com\/services\/T\w+\/B\w+\/\w+)/ },
  { kind: 'key of Stripe', pattern: /\b(?<value>(?:sk|rk)_live_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9]{24,})/ },
  { kind: 'key of SendGrid', pattern: /\b(?<value>SG\.[\w-]{20,}\.[\w-]{20,})/ },
  { kind: 'key of a model provider', pattern: /\b(?<value>sk-(?:ant|proj)-[\w-]{20,})/ },
  { kind: 'JSON Web Token', pattern: /\b(?<value>eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{10,})/ },
  {
    kind: 'password in an address',
    pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@'"`$<>{}()[\]]{1,80}:(?<value>[^\s/@'"`$<>{}()[\]…]{6,80})@/,
  },
  {
    kind: 'secret by its name',
    pattern:
      /\b\w*(?:password|passwd|secret|api_?key|private_?key|access_?key|auth_?token)['"]?\s*[:=]\s*['"`](?<value>[A-Za-z0-9+/=_-]{20,200})['"`]/i,
  },
];

/** Placeholders for passwords in documentation. */
const PLACEHOLDER = /^(?:password|passwort|secret|changeme|example|user|pass(?:word)?\d*|x+|\*+)$/i;
/** Bits a character; words and names have less. */
const RANDOM_ENTROPY = 3.6;

/** @typedef {{ path: string, line: number, kind: string, fingerprint: string }} Finding A finding never shows the secret. */

/**
 * Possible secrets in a text, line by line. A private key, which has several lines, is found at its first line.
 * @param {string} path
 * @param {string} text
 * @returns {Finding[]}
 */
export function findSecrets(path, text) {
  return text.split('\n').flatMap((line, index, lines) => {
    const here = line.includes('PRIVATE KEY') ? `${line}\n${lines[index + 1] ?? ''}` : line;
    return PATTERNS.flatMap(({ kind, pattern }) =>
      [...here.matchAll(new RegExp(pattern, `g${pattern.flags}`))]
        .map(({ groups = {} }) => groups['value'] ?? groups['value2'] ?? '')
        .filter((value) => isSecret(kind, value))
        .map((value) => ({ path, line: index + 1, kind, fingerprint: fingerprintOf(value) })),
    );
  });
}

function isSecret(/** @type {string} */ kind, /** @type {string} */ value) {
  if (PLACEHOLDER.test(value)) return false;
  return kind !== 'secret by its name' || (entropyOf(value) >= RANDOM_ENTROPY && /\d/.test(value));
}

/** The fingerprint of a value, which does not reveal it; the list of known canaries contains fingerprints. */
export function fingerprintOf(/** @type {string} */ value) {
  return createHash('sha256').update(value).digest('hex').slice(0, 16);
}

/** Shannon's, in bits a character. */
function entropyOf(/** @type {string} */ text) {
  const shares = [...new Set(text)].map((character) => (text.split(character).length - 1) / text.length);
  return shares.reduce((sum, share) => sum - share * Math.log2(share), 0);
}

/**
 * The findings that are not known, and the known ones that are no longer found.
 * @param {readonly Finding[]} findings
 * @param {readonly { path: string, fingerprint: string }[]} known
 */
export function unknownOf(findings, known) {
  const is = (/** @type {{ path: string, fingerprint: string }} */ one) => `${one.path} ${one.fingerprint}`;
  const expected = new Set(known.map(is));
  const found = new Set(findings.map(is));
  return {
    unknown: findings.filter((finding) => !expected.has(is(finding))),
    outdated: known.filter((one) => !found.has(is(one))),
  };
}
