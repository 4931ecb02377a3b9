import { readFile } from 'node:fs/promises';
import { CLIENT_KEY_SCOPES, type ClientKeySettings } from '@paddock/contracts';
import { InvalidUpstreams, type UpstreamDocument } from './upstream-schema.js';

/** The content of a file in place of live config: upstreams by key, and optionally client keys. */
export interface UpstreamsFile {
  readonly upstreams: readonly UpstreamDocument[];
  /** Absent: the client keys of the environment apply. */
  readonly clientKeys?: readonly ClientKeySettings[];
}

/** `{ "upstreams": { "<key>": { … } }, "clientKeys": [{ "consumer", "sha256", "scopes" }] }` @throws InvalidUpstreams */
export async function readUpstreamsFile(path: string): Promise<UpstreamsFile> {
  const file = parse(await readFile(path, 'utf8'));
  if (!isObject(file) || !isObject(file['upstreams']))
    throw new InvalidUpstreams('the file of upstreams needs an object "upstreams"');
  const upstreams = Object.entries(file['upstreams']).map(([key, body]) => ({ key, body }));
  const keys = file['clientKeys'];
  if (keys === undefined) return { upstreams };
  if (!Array.isArray(keys)) throw new InvalidUpstreams('"clientKeys" in the file of upstreams must be a list');
  return { upstreams, clientKeys: keys.map(clientKey) };
}

function clientKey(value: unknown, at: number): ClientKeySettings {
  const { consumer, sha256, scopes } = isObject(value) ? value : {};
  if (
    typeof consumer !== 'string' ||
    typeof sha256 !== 'string' ||
    !/^[0-9a-f]{64}$/.test(sha256) ||
    !Array.isArray(scopes)
  ) {
    throw new InvalidUpstreams(
      `clientKeys[${at}] in the file of upstreams needs consumer, sha256 (64 hexadecimal digits) and scopes`,
    );
  }
  return {
    id: `file-${at}`,
    consumer,
    sha256,
    site: null,
    jurisdiction: null,
    scopes: CLIENT_KEY_SCOPES.filter((scope) => scopes.includes(scope)),
  };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new InvalidUpstreams(
      `the file of upstreams is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
