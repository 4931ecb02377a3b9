import { KEY_PATTERN, MAX_KEY_LENGTH, sha256Hex } from '@paddock/contracts';

/**
 * Any text as part of a key: lower case, without accents, everything else as `-`. `undefined` where nothing is left.
 * Two texts may give one key; a caller that needs unique keys checks them.
 */
export function toKey(text: string): string | undefined {
  const key = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/[-._]{2,}/g, '-')
    .replace(/^[-._]+|[-._]+$/g, '')
    .slice(0, MAX_KEY_LENGTH)
    .replace(/[-._]+$/, '');
  return KEY_PATTERN.test(key) ? key : undefined;
}

/**
 * The key of the document that a row named `name` becomes. Names in other scripts leave little or nothing of themselves in
 * a key, so some digits of their hash tell them apart.
 */
export function documentKeyOf(prefix: string, name: string): string | undefined {
  const lossy = /[^\x00-\x7f]/.test(name.normalize('NFKD').replace(/[^\p{L}\p{N}]/gu, ''));
  const whole = lossy ? `${prefix}${name}-${sha256Hex(name).slice(0, 12)}` : `${prefix}${name}`;
  return whole.length <= MAX_KEY_LENGTH ? toKey(whole) : undefined;
}
