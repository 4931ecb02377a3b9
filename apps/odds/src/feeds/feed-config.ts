import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { KEY_PATTERN, type PollMapping } from '@paddock/contracts';

/** A simulated match day. */
export interface SimulatorConfig {
  readonly type: 'simulator';
  readonly key: string;
  readonly seed?: number;
  readonly matches?: number;
  /** How long a match lasts in reality. */
  readonly matchMs?: number;
}

/** A recorded Betfair stream; `speed` 0 is as fast as possible. */
export interface RecordingConfig {
  readonly type: 'recording';
  readonly key: string;
  readonly path: string;
  readonly speed?: number;
  readonly repeat?: boolean;
}

export interface BetfairConfig {
  readonly type: 'betfair';
  readonly key: string;
  readonly host?: string;
  readonly port?: number;
  /** PEM file of an additional certificate authority. */
  readonly caFile?: string;
  readonly loginUrl?: string;
  readonly appKey: string;
  readonly username: string;
  /** One of the two: the password, or a file that holds nothing else. */
  readonly password?: string;
  readonly passwordFile?: string;
  readonly marketFilter: object;
  readonly fields?: readonly string[];
  readonly conflateMs?: number;
  readonly heartbeatMs?: number;
}

/** Sportradar messages from a folder, or from the queue of this key in the event log. */
export interface UofConfig {
  readonly type: 'uof';
  readonly key: string;
  readonly producers: readonly [number, ...number[]];
  readonly folder?: string;
  /** XML files of fixtures and market descriptions. */
  readonly reference?: readonly string[];
  /** `https://api.betradar.com/v1`; without it recoveries are not asked for, only awaited. */
  readonly apiUrl?: string;
  readonly accessToken?: string;
  readonly accessTokenFile?: string;
}

export interface PollerConfig {
  readonly type: 'poller';
  readonly key: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Added to the query of `url`. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly intervalMs: number;
  readonly mapping: PollMapping;
}

export type FeedConfig = SimulatorConfig | RecordingConfig | BetfairConfig | UofConfig | PollerConfig;

/** The file of feeds is wrong; every mistake is named. */
export class InvalidFeeds extends Error {}

const text = { type: 'string', minLength: 1 };
const place = {
  oneOf: [
    text,
    {
      type: 'object',
      required: ['value'],
      properties: { value: { type: ['string', 'number', 'boolean'] } },
      additionalProperties: false,
    },
  ],
};
const key = { type: 'string', pattern: KEY_PATTERN.source, maxLength: 40 };
const milliseconds = (minimum: number, maximum: number) => ({ type: 'integer', minimum, maximum });
const feed = (type: FeedConfig['type'], required: string[], properties: object) => ({
  properties: { type: { const: type }, key, ...properties },
  required: ['type', 'key', ...required],
  additionalProperties: false,
});

const SCHEMA = {
  type: 'array',
  minItems: 1,
  items: {
    type: 'object',
    required: ['type'],
    discriminator: { propertyName: 'type' },
    oneOf: [
      feed('simulator', [], {
        seed: { type: 'integer', minimum: 0 },
        matches: { type: 'integer', minimum: 1, maximum: 1_000 },
        matchMs: milliseconds(10_000, 7_200_000),
      }),
      feed('recording', ['path'], {
        path: text,
        speed: { type: 'number', minimum: 0, maximum: 100_000 },
        repeat: { type: 'boolean' },
      }),
      feed('betfair', ['appKey', 'username', 'marketFilter'], {
        host: text,
        port: { type: 'integer', minimum: 1, maximum: 65_535 },
        caFile: text,
        loginUrl: text,
        appKey: text,
        username: text,
        password: text,
        passwordFile: text,
        marketFilter: { type: 'object' },
        fields: { type: 'array', items: text },
        conflateMs: milliseconds(0, 120_000),
        heartbeatMs: milliseconds(500, 5_000),
      }),
      feed('uof', ['producers'], {
        producers: { type: 'array', minItems: 1, uniqueItems: true, items: { type: 'integer', minimum: 1 } },
        folder: text,
        reference: { type: 'array', items: text },
        apiUrl: text,
        accessToken: text,
        accessTokenFile: text,
      }),
      feed('poller', ['url', 'intervalMs', 'mapping'], {
        url: { type: 'string', pattern: '^https?://' },
        headers: { type: 'object', additionalProperties: { type: 'string' } },
        parameters: { type: 'object', additionalProperties: { type: 'string' } },
        intervalMs: milliseconds(100, 3_600_000),
        mapping: {
          type: 'object',
          required: ['markets', 'market', 'runners', 'runner', 'prices'],
          additionalProperties: false,
          properties: {
            markets: { type: 'string' },
            market: { type: 'object', required: ['id', 'event'], additionalProperties: place },
            runners: { type: 'string' },
            runner: { type: 'object', required: ['id', 'price'], additionalProperties: place },
            statuses: {
              type: 'object',
              additionalProperties: { enum: ['INACTIVE', 'OPEN', 'SUSPENDED', 'CLOSED', 'CANCELLED'] },
            },
            prices: { enum: ['decimal', 'american'] },
          },
        },
      }),
    ],
  },
};

const isFeeds = new Ajv({ discriminator: true, strict: false, allErrors: true, allowUnionTypes: true }).compile<
  FeedConfig[]
>(SCHEMA);

/** The feeds that a file lists. @throws InvalidFeeds */
export async function readFeeds(path: string): Promise<readonly FeedConfig[]> {
  return parseFeeds(await readFile(path, 'utf8'));
}

/** @throws InvalidFeeds naming every mistake by its place */
export function parseFeeds(json: string): readonly FeedConfig[] {
  let feeds: unknown;
  try {
    feeds = JSON.parse(json);
  } catch (error) {
    throw new InvalidFeeds(`invalid feeds: ${error instanceof Error ? error.message : String(error)}`);
  }
  return checkFeeds(feeds);
}

/** @throws InvalidFeeds naming every mistake by its place */
export function checkFeeds(feeds: unknown): readonly FeedConfig[] {
  if (!isFeeds(feeds)) {
    const problems = (isFeeds.errors ?? []).map(
      ({ instancePath, message }) => `  ${instancePath || 'the file'} ${message ?? 'is not valid'}`,
    );
    throw new InvalidFeeds(`invalid feeds:\n${problems.join('\n')}`);
  }
  const repeated = feeds.find((one, at) => feeds.findIndex((other) => other.key === one.key) !== at);
  if (repeated) throw new InvalidFeeds(`invalid feeds:\n  two feeds have the key ${repeated.key}`);
  return feeds;
}
