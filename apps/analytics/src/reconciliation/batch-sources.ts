import { type SourceAddress, SourceSession } from '@paddock/foreign-database';
import { AddressPolicy } from '@paddock/outbound';

const STATEMENT_TIMEOUT_MS = 30_000;
const NAME = /^[\w.-]{1,100}$/;

/**
 * Reads `name=mysql://user:password@host:3306/database`, joined by commas (one within a password is written `%2C`);
 * `?tls=true` encrypts and verifies.
 * @returns undefined where an entry is invalid
 */
export function parseBatchSources(text: string): ReadonlyMap<string, SourceAddress> | undefined {
  const found = new Map<string, SourceAddress>();
  for (const entry of text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')) {
    const at = entry.indexOf('=');
    const [name, address] = [entry.slice(0, at), entry.slice(at + 1)];
    if (at < 0 || !NAME.test(name) || found.has(name) || !URL.canParse(address)) return undefined;
    const url = new URL(address);
    const database = decodeURIComponent(url.pathname.slice(1));
    if (
      !['mysql:', 'mariadb:'].includes(url.protocol) ||
      url.hostname === '' ||
      database === '' ||
      database.includes('/')
    )
      return undefined;
    found.set(name, {
      ...{ name, database, host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 3306) },
      ...{
        user: decodeURIComponent(url.username),
        password: decodeURIComponent(url.password),
        tls: url.searchParams.get('tls') === 'true',
      },
    });
  }
  return found;
}

/**
 * The databases that results of batches may be read from. The operator of the service configures them; a caller selects
 * one by name.
 */
export class BatchSources {
  constructor(private readonly addresses: ReadonlyMap<string, SourceAddress>) {}

  get names(): string[] {
    return [...this.addresses.keys()];
  }

  /**
   * Opens a session that may only read, on the server too.
   * @throws SourceError
   */
  async read<T>(name: string, work: (session: SourceSession) => Promise<T>): Promise<T | undefined> {
    const address = this.addresses.get(name);
    if (!address) return undefined;
    const session = await SourceSession.open(address, {
      policy: AddressPolicy.forOperators(),
      write: false,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    });
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  }
}
