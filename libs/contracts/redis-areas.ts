import { artefactKeys, environmentsKey } from './redis-keys.js';

/** BullMQ's queues: deliveries are made by the worker, receipts come to it from every instance. */
export const QUEUES = { deliveries: 'deliveries', receipts: 'receipts' } as const;

/** The prefix under which analytics has its own part of the event log. */
export function analyticsLogPrefix(prefix: string): string {
  return `${prefix}:log:`;
}

/**
 * The key prefixes and channels of each part of Paddock in Redis. All keys begin with these, and the access rules of
 * Redis are made from them, so a key and the rule that allows it cannot differ.
 */
export const redisAreas = (prefix: string) => ({
  /** Channel on which the processes of the control plane say that something may have changed. */
  hints: `${prefix}:events`,
  /** Counters of failed sign-ins. */
  signIn: `${prefix}:sign-in:`,
  /** When blobs that nothing refers to were last removed. */
  blobsSwept: `${prefix}:blobs-swept`,
  /** Topics of the event log. */
  log: `${prefix}:log:`,
  /** Requests per client and route, and the deprecated routes. */
  traffic: `${prefix}:traffic:`,
  /** The newest state of markets. */
  oddsBooks: `${prefix}:{odds}:books:`,
  /** Answers of third parties, and the agreement of the processes that ask them. */
  oddsProxy: `${prefix}:{odds}:proxy:`,
  /** Channel on which the processes of odds announce answered questions. */
  proxyNews: `${prefix}:proxy:news`,
  /** Jobs of one BullMQ queue. */
  queue: (name: (typeof QUEUES)[keyof typeof QUEUES]) => `${prefix}:${name}:`,
});

/** The temporary key in which a rebuild collects the new content of a key. */
export function stagedKey(key: string, token: string): string {
  return `${key}:staged:${token}`;
}

/** Glob patterns for the artefacts of all environments, as `artefactKeys` names them. */
export function artefactPatterns(prefix: string): { keys: string[]; staged: string[]; notices: string } {
  const { head, live, changes, blob, settings, notices } = artefactKeys(prefix, '*');
  return {
    keys: [environmentsKey(prefix), head, live, changes, blob('*'), settings('*')],
    staged: [stagedKey(live, '*'), stagedKey(changes, '*')],
    notices,
  };
}
