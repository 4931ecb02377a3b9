import { clientKeyOf, holderOfKey } from '@paddock/http-server';

/** The producers that may send events, by the SHA-256 of their keys. The keys themselves are not stored. */
export class ProducerKeys {
  constructor(
    private readonly names: ReadonlyMap<string, string>,
    /** May events be sent without a key? They count as of the producer "anonymous". */
    private readonly anonymous: boolean,
  ) {}

  /** The producer's name; `undefined` where the key may not send. */
  producerOf(key: string | undefined): string | undefined {
    if (key === undefined || key === '') return this.anonymous ? 'anonymous' : undefined;
    return holderOfKey(key, (sha256) => this.names.get(sha256));
  }
}

/** The key of a request: header `Paddock-Client-Key`, a bearer token, the user name of basic authentication (Segment), or `?key=` and `?writeKey=` (beacons carry no headers). */
export function keyOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  query: unknown,
): string | undefined {
  const own = clientKeyOf(headers);
  if (own !== undefined) return own;
  const [scheme, credentials = ''] = (headers['authorization'] ?? '').toString().split(' ');
  if (scheme === 'Bearer') return credentials;
  if (scheme === 'Basic') return Buffer.from(credentials, 'base64').toString('utf8').split(':')[0];
  const { key, writeKey }: { key?: unknown; writeKey?: unknown } =
    typeof query === 'object' && query !== null ? query : {};
  return [key, writeKey].find((one) => typeof one === 'string');
}
