import { expect, test } from 'vitest';
import { type ConfigDocument, RefusedDocuments } from '@paddock/live-config';
import { AddressPolicy } from '@paddock/outbound';
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
  makeFeeds(stateOf(sources), { secrets, policy: new AddressPolicy(), filesDir: undefined }, (config) =>
    Promise.resolve({ keys: [config.key], limits, run: () => Promise.resolve(), recover: () => undefined }),
  );

test('every feed that cannot be made is named with its reason, so that it holds up no other', async () => {
  const refused = await made({
    good: polled('https://api.example.com/odds'),
    thief: polled('https://evil.example/odds'),
    lost: polled('https://api.example.com/', 'ODDS_SECRET_LOST'),
    inside: { poller: { url: 'http://169.254.169.254/latest/meta-data/', mapping } },
    broken: { poller: { url: 'https://api.example.com/', mapping: {} } },
    simulated: { simulator: {} },
  }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(RefusedDocuments);
  expect(Object.fromEntries(refused instanceof RefusedDocuments ? refused.reasons : [])).toEqual({
    'odds-feed/*/thief':
      'odds-feed thief: source.poller.headers[0].variable: ODDS_SECRET_KEY must not be sent to evil.example:443: ODDS_SECRET_KEY_HOSTS does not list it',
    'odds-feed/*/lost': expect.stringContaining('has no ODDS_SECRET_LOST'),
    'odds-feed/*/inside': expect.stringMatching(
      /^odds-feed inside: source\.poller\.url leads to a host that may not be asked: it is the address of a metadata service/,
    ),
    'odds-feed/*/broken': expect.stringContaining('mapping must have required property'),
  });
});

test('feeds that can be made are made', async () => {
  const { feeds } = await made({ good: polled('https://api.example.com/odds'), simulated: { simulator: {} } });
  expect(feeds.flatMap(({ feed }) => feed.keys)).toEqual(['good', 'simulated']);
});
