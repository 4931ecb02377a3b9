import { literalSecretInUrl } from '@paddock/contracts';
import { parseValues } from '../mapping/inner-values.js';
import { splitName } from './column-words.js';

/** Names of settings that no frontend may ever see. */
const SECRET_SETTING =
  /pass(?:word|wd|phrase)?|secret|token|api_?key|private|credential|licen[cs]e|merchant|salt|hash|login|signature|webhook|auth(?!or)|encrypt|cipher|smtp|dsn|(?:^|[_.-])(?:pass|pwd|pin|sk|priv|cert)(?:$|[_.-])|sandbox_key|service_?account/i;

export function isSecretSetting(name: string): boolean {
  return SECRET_SETTING.test(name);
}

const SECRET_WORDS = new Set(
  'password passwd passphrase passcode pwd secret token salt hash credential credentials apikey passwort contrasena senha'.split(
    ' ',
  ),
);
const KEY_OF_SECRET = /(?:api|private|access|secret|license|encryption)_?key$/i;

/** Does the name of a column, or of a member of a value, say that it holds a secret? */
export function isSecretName(name: string): boolean {
  return splitName(name).some((word) => SECRET_WORDS.has(word)) || KEY_OF_SECRET.test(name);
}

/** `password: …` in prose, an address with a user's password in it, and tokens that say by their form what they are. */
const IN_PROSE =
  /\b(?:password|passwort|passwd|passcode|contraseña|mot de passe|api[ _-]?key|secret[ _-]?key|access[ _-]?token)\s*(?:is\b|[:=])\s*[^\s<>"',;]{4,}/i;
const IN_ADDRESS = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'<>]{1,100}:[^\s/@"'<>]{1,200}@/i;
const TOKEN =
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.|-----BEGIN [A-Z ]{0,20}PRIVATE KEY|\b(?:sk|pk|rk|whsec)_(?:live|test)?_?[A-Za-z0-9]{12,}|\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|npm_|pypi-|shpat_|SG\.)[\w-]{10,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{30,}|\$(?:2[aby]|argon2\w*|P|6)\$/;

/** Does a text hold a secret, by itself or in a value inside it? */
export function holdsSecret(text: string): boolean {
  if (text.length < 6) return false;
  if (TOKEN.test(text) || IN_ADDRESS.test(text) || IN_PROSE.test(text)) return true;
  if (/^https?:\/\/\S+$/i.test(text) && literalSecretInUrl(text) !== undefined) return true;
  const inner = /^\s*[[{]/.test(text) ? parseValues(text, 'JSON') : parseValues(text, 'PHP_SERIALIZED');
  return typeof inner === 'object' && inner !== null && holdsSecretMember(inner);
}

function holdsSecretMember(value: object): boolean {
  return Object.entries(value).some(([name, member]: [string, unknown]) => {
    if (typeof member === 'object' && member !== null) return holdsSecretMember(member);
    if (typeof member !== 'string') return false;
    return (isSecretName(name) && member !== '') || holdsSecret(member);
  });
}

/** Does a text hold several values, as JSON or as PHP's serialize() writes them? */
export function isStructured(text: string): boolean {
  const trimmed = text.trim();
  if (!/^(?:[[{]|[aO]:\d)/.test(trimmed)) return false;
  const inner = parseValues(trimmed, /^[[{]/.test(trimmed) ? 'JSON' : 'PHP_SERIALIZED');
  return typeof inner === 'object' && inner !== null;
}
