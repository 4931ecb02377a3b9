import type { FastifyInstance } from 'fastify';
import type { EnvReader } from './env-reader.js';

/** Where reports about Paddock itself go, as SECURITY.md says: the contact of an installation that names none of its own. */
export const PRODUCT_CONTACT = 'mailto:security@paddock.example';

const DAY_MS = 86_400_000;
/** RFC 9116 recommends less than a year. As long as a process runs, the day moves on. */
const VALID_DAYS = 180;

/** What an installation publishes for people who found a vulnerability in it. */
export interface SecurityTxtSettings {
  /** URIs for reports, the preferred one first. */
  readonly contacts: readonly string[];
  /** When the file expires; by default the date moves on by itself. */
  readonly expires: Date | undefined;
}

/** Reads `SECURITY_CONTACT` and `SECURITY_TXT_EXPIRES`. */
export function readSecurityTxt(env: EnvReader): SecurityTxtSettings {
  const contacts = env.optionalLike(
    'SECURITY_CONTACT',
    areContacts,
    'addresses such as mailto:security@example.com or https://example.com/report, joined by commas',
  );
  const expires = env.optionalLike('SECURITY_TXT_EXPIRES', isInstant, 'a time in UTC such as 2027-06-30T00:00:00Z');
  return {
    contacts: contacts?.split(',') ?? [PRODUCT_CONTACT],
    expires: expires === undefined ? undefined : new Date(expires),
  };
}

/** RFC 9116, section 2.5.3: a URI; `http:` and `ftp:` would send a report in clear text. */
function areContacts(text: string): boolean {
  return text
    .split(',')
    .every(
      (contact) =>
        /^(?:mailto:[^\s@]+@[^\s@]+|https:\/\/[^\s/]\S*|tel:\+[\d-]+)$/.test(contact) && URL.canParse(contact),
    );
}

function isInstant(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** The file `/.well-known/security.txt` (RFC 9116). */
export function securityTxt({ contacts, expires }: SecurityTxtSettings, now: Date): string {
  const until = expires ?? new Date((Math.floor(now.getTime() / DAY_MS) + VALID_DAYS) * DAY_MS);
  const lines = [
    ...contacts.map((contact) => `Contact: ${contact}`),
    `Expires: ${until.toISOString().replace('.000Z', 'Z')}`,
    'Preferred-Languages: en',
  ];
  return `${lines.join('\n')}\n`;
}

/** Serves it without authentication. */
export function serveSecurityTxt(
  fastify: FastifyInstance,
  settings: SecurityTxtSettings,
  now = () => new Date(),
): void {
  fastify.get('/.well-known/security.txt', (_request, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .header('cache-control', 'public, max-age=3600')
      .send(securityTxt(settings, now())),
  );
}
