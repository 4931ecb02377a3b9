import type { SegmentCall } from '../collector/segment.js';

/** Paths for one call of Segment's HTTP API. Server SDKs use the call's name, browser SDKs its first letter. */
export const CALL_PATHS: ReadonlyMap<string, SegmentCall> = new Map([
  ['/v1/track', 'track'],
  ['/v1/t', 'track'],
  ['/v1/page', 'page'],
  ['/v1/p', 'page'],
  ['/v1/screen', 'screen'],
  ['/v1/s', 'screen'],
  ['/v1/identify', 'identify'],
  ['/v1/i', 'identify'],
  ['/v1/group', 'group'],
  ['/v1/g', 'group'],
  ['/v1/alias', 'alias'],
  ['/v1/a', 'alias'],
]);

/**
 * Paths for batches: `/v1/b` is used by Segment's browser SDK, `/beacon/v1/batch` by RudderStack's when a page closes.
 */
export const BATCH_PATHS = ['/v1/batch', '/v1/b', '/v1/import', '/beacon/v1/batch'] as const;

/** All paths whose bodies are events. */
export const EVENT_PATHS: ReadonlySet<string> = new Set(['/v1/events', ...BATCH_PATHS, ...CALL_PATHS.keys()]);
