import { expect, test } from '@jest/globals';
import type { ConfigDocument } from '#live-config';
import { makeFeeds } from './configured-feeds.js';

const mapping = {
  markets: '',
  market: { id: 'id', event: 'game' },
  runners: 'runners',
  runner: { id: 'id', price: 'odds' },
  prices: 'decimal',
};
const secrets = {
  ODDS_SECRET_KEY: { value: 'hunter2', hosts: [{ host: 'api.example.com', below: false, port: 443 }] },
};

function stateOf(sources: Readonly<Record<string, object>>) {
  const documents = Object.entries(sources).map(([key, source]): [string, ConfigDocument] => {
    const body = { source, syncWindowMs: 1_000, silenceMs: 10_000, suspendedDisplay: 'BLANK', enabled: true };
    return [`odds-feed/*/${key}`, { ref: { kind: 'odds-feed', site: '*', key }, sha256: key, body }];
  });
  return { position: { epoch: 'e', seq: 1, stateHash: 's' }, documents: new Map(documents) };
}

const polled = (url: string, variable = 'ODDS_SECRET_KEY') => ({
  poller: { url, headers: [{ name: 'x-api-key', variable }], mapping },
});

const limits = { silenceMs: 10_000, lagMs: 10_000 };

const made = (sources: Readonly<Record<string, object>>) =>
  makeFeeds(stateOf(sources), { secrets, filesDir: undefined }, (config) =>
    Promise.resolve({ keys: [config.key], limits, run: () => Promise.resolve(), recover: () => undefined }),
  );

test('a feed whose secret is for another host is left out, said, and holds up no other', async () => {
  const { feeds, refused } = await made({
    good: polled('https://api.example.com/odds'),
    thief: polled('https://evil.example/odds'),
    simulated: { simulator: {} },
  });
  expect(feeds.flatMap(({ feed }) => feed.keys)).toEqual(['good', 'simulated']);
  expect(refused).toEqual([
    'odds-feed thief: source.poller.headers[0].variable: ODDS_SECRET_KEY must not be sent to evil.example:443: ' +
      'ODDS_SECRET_KEY_HOSTS does not list it',
  ]);
});

test('a secret that is not there at all still refuses the release', async () => {
  const sources = {
    good: polled('https://api.example.com/odds'),
    lost: polled('https://api.example.com/', 'ODDS_SECRET_LOST'),
  };
  await expect(made(sources)).rejects.toThrow(/odds-feed lost: .*has no ODDS_SECRET_LOST/);
});
