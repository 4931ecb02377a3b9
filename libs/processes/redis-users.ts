import { createHash } from 'node:crypto';
import {
  analyticsLogPrefix,
  artefactPatterns,
  ODDS_MARKETS,
  oddsBooksKey,
  QUEUES,
  redisAreas,
} from '@paddock/contracts';

/** The processes that have a user of their own on Redis. */
export const REDIS_USERS = ['controlPlane', 'worker', 'edge', 'analytics', 'odds', 'cli'] as const;
export type RedisUser = (typeof REDIS_USERS)[number];

/** The user with all rights on a Redis with these users: for its operator, and for no process. */
export const REDIS_ADMINISTRATOR = 'administrator';

interface Rights {
  /** Patterns of keys that the process reads and writes. */
  readonly writes: readonly string[];
  /** Patterns of keys that it only reads. */
  readonly reads: readonly string[];
  /** Channels that it listens to or publishes on. */
  readonly channels: readonly string[];
  /** Commands besides {@link COMMANDS}. */
  readonly commands?: readonly string[];
}

/** The rights of each process in Redis; everything else is refused to it. */
function rightsOf(prefix: string): Record<RedisUser, Rights> {
  const areas = redisAreas(prefix);
  const artefacts = artefactPatterns(prefix);
  const all = (area: string): string => `${area}*`;
  const markets = `${areas.log}{${ODDS_MARKETS.name}}:`;
  const receipts = all(areas.queue(QUEUES.receipts));
  const deliveries = all(areas.queue(QUEUES.deliveries));
  const books = oddsBooksKey(prefix, '*');
  return {
    controlPlane: { writes: [deliveries, receipts, all(areas.signIn)], reads: [books], channels: [areas.hints] },
    worker: {
      writes: [...artefacts.keys, ...artefacts.staged, deliveries, receipts, areas.blobsSwept],
      reads: [books],
      channels: [artefacts.notices, areas.hints],
      // Blobs that no release refers to are found among all keys.
      commands: ['scan'],
    },
    edge: {
      // It creates the topic's identity where it is the first to read the topic.
      writes: [receipts, all(areas.traffic), `${markets}meta`],
      reads: [...artefacts.keys, all(markets), books],
      channels: [artefacts.notices],
    },
    analytics: {
      writes: [receipts, all(redisAreas(analyticsLogPrefix(prefix)).log)],
      reads: artefacts.keys,
      channels: [artefacts.notices],
    },
    odds: {
      writes: [receipts, `${areas.log}{odds.*`, books, all(areas.oddsProxy), all(areas.traffic)],
      reads: artefacts.keys,
      channels: [artefacts.notices, areas.proxyNews],
    },
    cli: { writes: [], reads: [all(areas.traffic)], channels: [] },
  };
}

/**
 * Commands of every process: reading and writing keys, listening, transactions, scripts (BullMQ's and our own; what a
 * script does is checked like any other command). Nothing that empties, stops, inspects or reconfigures the server, or
 * that names keys of others.
 */
const COMMANDS = [
  '-@all',
  '+@read',
  '+@write',
  '+@blocking',
  '+@pubsub',
  '+@transaction',
  '+@connection',
  '-@dangerous',
  '-@admin',
  '-scan',
  '-randomkey',
  '-dbsize',
  '-pubsub',
  '-move',
  '-copy',
  '-function',
  '-fcall',
  '-fcall_ro',
  '+eval',
  '+evalsha',
  '+script|load',
  '+time',
  '+info',
];

/** `paddock-edge`: the name of a process's user, by the prefix of the installation's keys. */
export function redisUserName(prefix: string, user: RedisUser): string {
  return `${prefix}-${user.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `REDIS_PASSWORD_CONTROL_PLANE`: the variable with the password of a process's user, for containers. */
export function redisPasswordVariable(user: RedisUser): string {
  return `REDIS_PASSWORD_${user.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

export interface AclOptions {
  /** Prefix of all keys of the installation. */
  readonly prefix: string;
  readonly passwords: Readonly<Record<RedisUser, string>>;
  /** Password of {@link REDIS_ADMINISTRATOR}. */
  readonly administrator: string;
}

/** A whole `aclfile` (Redis 7 or newer): one user per process, and one administrator. Passwords stand in it as their SHA-256. */
export function redisAclFile({ prefix, passwords, administrator }: AclOptions): string {
  const hashed = (password: string): string => `#${createHash('sha256').update(password).digest('hex')}`;
  return aclFile(prefix, (user) => hashed(user === REDIS_ADMINISTRATOR ? administrator : passwords[user]));
}

/** The same for containers, with the names of variables where prefix and passwords stand. */
export function redisAclTemplate(): string {
  const variable = (user: RedisUser | typeof REDIS_ADMINISTRATOR): string =>
    user === REDIS_ADMINISTRATOR ? 'REDIS_PASSWORD' : redisPasswordVariable(user);
  return aclFile('${REDIS_PREFIX}', (user) => `>\${${variable(user)}}`);
}

/**
 * The user without a name: no one can sign in as it. It has every right nevertheless, because Redis replays its append-only
 * file as this user, and checks the rights again in each transaction: without them it would leave out, without an error,
 * everything that transactions and scripts wrote.
 */
const DEFAULT_USER = 'user default off resetpass allkeys allchannels +@all';

function aclFile(prefix: string, credentialOf: (user: RedisUser | typeof REDIS_ADMINISTRATOR) => string): string {
  const rights = rightsOf(escapeGlob(prefix));
  const lines = [
    DEFAULT_USER,
    `user ${REDIS_ADMINISTRATOR} on ${credentialOf(REDIS_ADMINISTRATOR)} allkeys allchannels +@all`,
    ...REDIS_USERS.map(
      (user) => `user ${redisUserName(prefix, user)} on ${credentialOf(user)} ${rulesOf(rights[user])}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function rulesOf({ writes, reads, channels, commands = [] }: Rights): string {
  const keys = [...writes.map((key) => `~${key}`), ...reads.map((key) => `%R~${key}`)];
  const heard = channels.map((channel) => `&${channel}`);
  return ['resetchannels', ...keys, ...heard, ...COMMANDS, ...commands.map((name) => `+${name}`)].join(' ');
}

/** A prefix is a text, also where it looks like a pattern. */
function escapeGlob(text: string): string {
  return text.replace(/[*?[\]\\]/g, '\\$&');
}
