/** The user and the installation of a password. */
export interface PasswordContext {
  email: string;
  name: string;
  /** Keys and names of the sites. */
  sites: readonly string[];
}

const PRODUCT = ['paddock', 'sportsbook'];

/** Parts that all addresses have. */
const ANYBODYS = new Set(['com', 'org', 'net', 'www', 'co', 'mail']);

/** The words that a password must not be made of, in lower case, and the domains whose addresses are no passwords. */
export function contextOf({ email, name, sites }: PasswordContext): {
  words: ReadonlySet<string>;
  domains: readonly string[];
} {
  const [local = '', domain = ''] = email.toLowerCase().split('@');
  const texts = [...PRODUCT, local, ...domain.split('.'), name, ...sites].map((text) =>
    text.normalize('NFKC').toLowerCase(),
  );
  const words = texts.flatMap((text) => [text, text.replace(/[^\p{L}\p{N}]/gu, ''), ...text.split(/[^\p{L}]+/u)]);
  const kept = words.filter((word) => word.length >= 2 && !ANYBODYS.has(word));
  return { words: new Set(kept), domains: domain === '' ? [] : [domain] };
}
