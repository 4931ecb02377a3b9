import { readFile } from 'node:fs/promises';
import type { EventLog } from '@paddock/eventlog';
import type { OutboundClient } from '@paddock/outbound';
import type { Logger } from '@paddock/runtime';
import { BETFAIR } from './betfair/addresses.js';
import { BetfairFeed } from './betfair/betfair-feed.js';
import { betfairSession } from './betfair/login.js';
import type { Feed } from './feed.js';
import type { BetfairConfig, FeedConfig, UofConfig } from './feed-config.js';
import { PollerFeed } from './poller/poller-feed.js';
import { RecordingFeed } from './recordings/recording-feed.js';
import { SimulatorFeed } from './simulator/simulator-feed.js';
import { recoveryRequests } from './uof/recovery-requests.js';
import { messagesOfFolder, messagesOfQueue } from './uof/sources.js';
import { UofFeed } from './uof/uof-feed.js';

const SIMULATOR = { seed: 1, matches: 8, matchMs: 900_000 };

export interface FeedParts {
  readonly log: EventLog;
  readonly logger: Logger;
  /** The way out, under the policy for feeds. */
  readonly outbound: OutboundClient;
}

/** A feed as configured; it does nothing yet. @throws when a file that it names cannot be read */
export async function createFeed(config: FeedConfig, parts: FeedParts): Promise<Feed> {
  const { logger, outbound } = parts;
  switch (config.type) {
    case 'simulator': {
      const { key: feed, seed = SIMULATOR.seed, matches = SIMULATOR.matches, matchMs = SIMULATOR.matchMs } = config;
      return new SimulatorFeed({ feed, seed, matches, matchMs });
    }
    case 'recording':
      return new RecordingFeed({ ...config, speed: config.speed === 0 ? Infinity : (config.speed ?? 1) }, logger);
    case 'betfair':
      return createBetfair(config, parts);
    case 'uof':
      return createUof(config, parts);
    case 'poller':
      return new PollerFeed({ ...config, outbound, url: withParameters(config.url, config.parameters) }, logger);
  }
}

function withParameters(text: string, parameters: Readonly<Record<string, string>> = {}): URL {
  const url = new URL(text);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url;
}

async function createBetfair(config: BetfairConfig, { logger, outbound }: FeedParts): Promise<Feed> {
  const { host = BETFAIR.host, port = BETFAIR.port, loginUrl = BETFAIR.loginUrl, caFile, appKey, username } = config;
  const password = config.password ?? (await secretIn(config.passwordFile));
  if (password === undefined) throw new Error(`feed ${config.key} has neither password nor passwordFile`);
  const session = betfairSession(outbound, { loginUrl: new URL(loginUrl), appKey, username, password });
  const ca = caFile ? { ca: await readFile(caFile, 'utf8') } : {};
  return new BetfairFeed({ ...config, endpoint: { host, port, guard: outbound.guard, ...ca }, session }, logger);
}

async function createUof(
  { key, producers, folder, reference = [], apiUrl, accessToken, accessTokenFile }: UofConfig,
  { log, logger, outbound }: FeedParts,
): Promise<Feed> {
  const token = accessToken ?? (await secretIn(accessTokenFile));
  return new UofFeed(
    {
      key,
      producers,
      reference: await Promise.all(reference.map((path) => readFile(path, 'utf8'))),
      messages: (signal) =>
        folder
          ? messagesOfFolder(folder, signal)
          : messagesOfQueue(log, key, signal, (error) =>
              logger.warn({ err: error, feed: key }, 'queue cannot be read'),
            ),
      requestRecovery: recoveryRequests(outbound, apiUrl, token),
    },
    logger,
  );
}

async function secretIn(file: string | undefined): Promise<string | undefined> {
  return file === undefined ? undefined : (await readFile(file, 'utf8')).trim();
}
