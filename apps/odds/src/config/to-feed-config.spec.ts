import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AddressPolicy } from '@paddock/outbound';
import { temporaryDirectory } from '@paddock/testing';
import { type ConfiguredFeed, toFeedConfig } from './to-feed-config.js';

const hosts = ['example.com', 'identitysso.betfair.com', 'stream-api.betfair.com'].map((host) => ({
  host,
  below: false,
  port: 443,
}));
// Plain HTTP is for networks that are named; that a secret is not for a port is another matter.
const policy = new AddressPolicy({ allowed: ['127.0.0.0/8'] });
const secrets = {
  ODDS_SECRET_KEY: { value: 'key', hosts },
  ODDS_SECRET_USER: { value: 'user', hosts },
  ODDS_SECRET_PASSWORD: { value: 'hunter2', hosts },
};
const mapping = {
  markets: '',
  market: { id: 'id', event: 'game' },
  runners: 'runners',
  runner: { id: 'id', price: 'odds' },
  prices: 'decimal',
};
const betfair = {
  appKeyVariable: 'ODDS_SECRET_KEY',
  usernameVariable: 'ODDS_SECRET_USER',
  passwordVariable: 'ODDS_SECRET_PASSWORD',
  marketFilter: { eventTypeIds: ['7'] },
};

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

beforeAll(async () => {
  directory = await temporaryDirectory();
  await mkdir(join(directory.path, 'uof'));
  await Promise.all(['race.bz2', 'markets.xml'].map((name) => writeFile(join(directory.path, name), '')));
});
afterAll(() => directory.remove());

const read = (
  source: object,
  more: object = {},
  filesDir: string | undefined = directory.path,
): Promise<ConfiguredFeed | undefined> =>
  toFeedConfig(
    'feed',
    { source, syncWindowMs: 1_000, silenceMs: 10_000, suspendedDisplay: 'BLANK', enabled: true, ...more },
    { secrets, policy, filesDir },
  );

test('each source becomes the feed that it says', async () => {
  const config = async (source: object): Promise<unknown> => (await read(source))?.config;
  expect(await config({ simulator: { seed: 4, matches: 2 } })).toEqual({
    type: 'simulator',
    key: 'feed',
    seed: 4,
    matches: 2,
  });
  expect(await config({ recording: { path: 'race.bz2', speed: 0 } })).toEqual({
    type: 'recording',
    key: 'feed',
    path: join(directory.path, 'race.bz2'),
    speed: 0,
  });
  expect(await config({ betfair })).toEqual({
    ...{
      type: 'betfair',
      key: 'feed',
      appKey: 'key',
      username: 'user',
      password: 'hunter2',
      marketFilter: { eventTypeIds: ['7'] },
      conflateMs: 1_000,
    },
  });
  expect(await config({ uof: { producers: [1, 3], folder: 'uof', reference: ['markets.xml'] } })).toEqual({
    ...{
      type: 'uof',
      key: 'feed',
      producers: [1, 3],
      folder: join(directory.path, 'uof'),
      reference: [join(directory.path, 'markets.xml')],
    },
  });
  expect(
    await config({
      poller: {
        url: 'https://example.com/odds',
        headers: [
          { name: 'x-a', value: 'b' },
          { name: 'x-key', variable: 'ODDS_SECRET_KEY' },
        ],
        mapping,
      },
    }),
  ).toEqual({
    ...{
      type: 'poller',
      key: 'feed',
      url: 'https://example.com/odds',
      intervalMs: 1_000,
      headers: { 'x-a': 'b', 'x-key': 'key' },
      mapping,
    },
  });
});

test('parameters take their values from named secrets, which go to the hosts that they are for', async () => {
  const poller = (url: string) => ({
    poller: { url, parameters: [{ name: 'apiKey', variable: 'ODDS_SECRET_PASSWORD' }], mapping },
  });
  expect((await read(poller('https://example.com/odds?sport=1')))?.config).toMatchObject({
    url: 'https://example.com/odds?sport=1',
    parameters: { apiKey: 'hunter2' },
  });
  await expect(read(poller('https://evil.example/odds'))).rejects.toThrow(
    /parameters\[0\]\.variable: ODDS_SECRET_PASSWORD must not be sent to evil\.example:443/,
  );
});

test('limits come from the document, age as silence where nothing else is said', async () => {
  expect((await read({ simulator: {} }))?.limits).toEqual({ silenceMs: 10_000, lagMs: 10_000 });
  expect((await read({ simulator: {} }, { lagMs: 4_000 }))?.limits).toEqual({ silenceMs: 10_000, lagMs: 4_000 });
});

test('what is switched off is no feed, whatever it lacks', async () => {
  expect(await read({ recording: { path: 'missing' } }, { enabled: false })).toBeUndefined();
});

test.each<[string, object, RegExp]>([
  ['a source of a newer version', { telepathy: {} }, /source must be exactly one of betfair/],
  ['two sources', { simulator: {}, recording: { path: 'race.bz2' } }, /exactly one/],
  [
    'a variable that is not there',
    { betfair: { ...betfair, appKeyVariable: 'ODDS_SECRET_OTHER' } },
    /appKeyVariable must be a variable .* no ODDS_SECRET_OTHER/,
  ],
  ['a variable without the prefix', { betfair: { ...betfair, appKeyVariable: 'DATABASE_URL' } }, /no DATABASE_URL/],
  [
    'a secret for another host',
    {
      poller: { url: 'https://evil.example/', headers: [{ name: 'x-key', variable: 'ODDS_SECRET_PASSWORD' }], mapping },
    },
    /headers\[0\]\.variable: ODDS_SECRET_PASSWORD must not be sent to evil\.example:443/,
  ],
  [
    'a secret for another port',
    { poller: { url: 'http://example.com/', headers: [{ name: 'x-key', variable: 'ODDS_SECRET_PASSWORD' }], mapping } },
    /must not be sent to example\.com:80/,
  ],
  [
    'a login elsewhere',
    { betfair: { ...betfair, loginUrl: 'https://evil.example/login' } },
    /ODDS_SECRET_KEY must not be sent to evil\.example:443/,
  ],
  ['a stream elsewhere', { betfair: { ...betfair, host: 'evil.example' } }, /must not be sent to evil\.example:443/],
  [
    'a token for another API',
    { uof: { producers: [1], apiUrl: 'https://evil.example/v1', accessTokenVariable: 'ODDS_SECRET_KEY' } },
    /accessTokenVariable: .*evil\.example/,
  ],
  [
    'an address within',
    { poller: { url: 'https://10.0.0.1/', mapping } },
    /source\.poller\.url leads to a host that may not be asked/,
  ],
  [
    'a login within',
    { betfair: { ...betfair, loginUrl: 'https://[::ffff:10.0.0.1]/' } },
    /source\.betfair\.loginUrl leads/,
  ],
  ['a stream within', { betfair: { ...betfair, host: '2852039166' } }, /source\.betfair\.host leads/],
  [
    'an API within',
    { uof: { producers: [1], apiUrl: 'http://metadata.google.internal/' } },
    /source\.uof\.apiUrl leads/,
  ],
  [
    'a header of the transport',
    { poller: { url: 'https://example.com/', headers: [{ name: 'Transfer-Encoding', value: 'chunked' }], mapping } },
    /headers\[0\]\.name must be another header/,
  ],
  ['a file that is not there', { recording: { path: 'other.bz2' } }, /other\.bz2 must be a file/],
  ['a way out of the folder', { recording: { path: 'uof/../../etc/passwd' } }, /does not lead out/],
  ['an absolute path', { recording: { path: '/etc/passwd' } }, /does not lead out/],
  [
    'what its feed cannot use',
    { poller: { url: 'https://example.com', mapping: {} } },
    /mapping must have required property/,
  ],
])('%s is refused', async (_, source, says) => {
  const failure = await read(source).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Error);
  expect(String(failure)).toMatch(says);
  // Receipts contain neither secrets nor the path of the folder.
  expect(String(failure)).not.toMatch(/hunter2/);
  expect(String(failure)).not.toContain(directory.path);
});

test('without a folder of files no file can be named', async () => {
  const config = toFeedConfig(
    'feed',
    { source: { recording: { path: 'race.bz2' } }, syncWindowMs: 0, silenceMs: 10_000, enabled: true },
    { secrets, policy, filesDir: undefined },
  );
  await expect(config).rejects.toThrow('ODDS_FILES_DIR');
});
