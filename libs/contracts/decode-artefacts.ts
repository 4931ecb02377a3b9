import {
  type Change,
  type ChangeItem,
  CLIENT_KEY_SCOPES,
  type ClientKeyScope,
  type ClientKeySettings,
  type EnvironmentSettings,
  type Head,
  type ReleaseType,
  type SiteSettings,
} from './artefacts.js';
import type { AnyRef } from './documents.js';
import { parseInstant } from './instant.js';
import { counter, flag, list, nullable, oneOf, type Reader, sha256, Shape, ShapeError, text } from './shape.js';

const RELEASE_TYPES: readonly ReleaseType[] = ['FORWARD', 'ROLLBACK', 'AUTO_ROLLBACK'];

/** A landed release whose documents may be of kinds that this version does not know. */
export interface LandedChange extends Omit<Change, 'items'> {
  items: (AnyRef & Pick<ChangeItem, 'sha256' | 'revision'>)[];
}

/**
 * Reads the head, a hash of texts; `undefined` where the hash is empty.
 * @throws ShapeError
 */
export function decodeHead(fields: Record<string, string>): Head | undefined {
  if (Object.keys(fields).length === 0) return undefined;
  const from = new Shape(fields, 'head');
  return {
    epoch: from.get('epoch', text),
    seq: from.get('seq', digits),
    stateHash: from.get('stateHash', sha256),
    settingsVersion: from.get('settingsVersion', digits),
    // An environment whose settings were never published has no name for them.
    settingsSha256: from.get('settingsSha256', text),
  };
}

const digits: Reader<number> = (value, path) => {
  if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value);
  throw new ShapeError(path, 'a whole number');
};

/** @throws ShapeError */
export function decodeChange(value: unknown, path = ''): LandedChange {
  const from = new Shape(value, path);
  return {
    seq: from.get('seq', counter),
    releaseId: from.get('releaseId', text),
    type: from.get('type', oneOf(RELEASE_TYPES)),
    title: from.get('title', text),
    landedAt: from.get('landedAt', instant),
    items: from.get('items', list(changeItem)),
    stateHash: from.get('stateHash', sha256),
    ...from.optional('previousStateHash', sha256),
    ...from.optional('requestId', text),
    ...from.optional('traceparent', text),
  };
}

const instant: Reader<string> = (value, path) => {
  const found = text(value, path);
  if (parseInstant(found) === undefined) throw new ShapeError(path, 'an RFC 3339 date-time');
  return found;
};

const changeItem: Reader<LandedChange['items'][number]> = (value, path) => {
  const from = new Shape(value, path);
  return {
    kind: from.get('kind', refPart),
    site: from.get('site', refPart),
    key: from.get('key', refPart),
    sha256: from.get('sha256', nullable(sha256)),
    ...from.optional('revision', counter),
  };
};

const refPart: Reader<string> = (value, path) => {
  const part = text(value, path);
  if (part !== '' && !part.includes('/')) return part;
  throw new ShapeError(path, 'a name without slashes');
};

/** @throws ShapeError */
export function decodeSettings(value: unknown, path = ''): EnvironmentSettings {
  const from = new Shape(value, path);
  return {
    environment: from.get('environment', text),
    version: from.get('version', counter),
    anonymousReads: from.get('anonymousReads', flag),
    sites: from.get('sites', list(site)),
    clientKeys: from.get('clientKeys', list(clientKey)),
  };
}

const site: Reader<SiteSettings> = (value, path) => {
  const from = new Shape(value, path);
  return {
    key: from.get('key', text),
    name: from.get('name', text),
    jurisdiction: from.get('jurisdiction', text),
    locale: from.get('locale', text),
  };
};

const clientKey: Reader<ClientKeySettings> = (value, path) => {
  const from = new Shape(value, path);
  const scopes = from.get('scopes', list(text));
  return {
    id: from.get('id', text),
    sha256: from.get('sha256', sha256),
    consumer: from.get('consumer', text),
    site: from.get('site', nullable(text)),
    jurisdiction: from.get('jurisdiction', nullable(text)),
    // A scope of a newer version has no effect here.
    scopes: CLIENT_KEY_SCOPES.filter((scope: ClientKeyScope) => scopes.includes(scope)),
  };
};
