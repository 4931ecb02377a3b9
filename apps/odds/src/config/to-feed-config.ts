import { access } from 'node:fs/promises';
import { join } from 'node:path';
import {
  FEED_SOURCES,
  type FeedSourceName,
  flag,
  list,
  number,
  type Reader,
  Shape,
  ShapeError,
  text,
} from '@paddock/contracts';
import { type AddressPolicy, configHeaderProblem, destinationProblems, feedDestinations } from '@paddock/outbound';
import { checkFeeds, type FeedConfig } from '../feeds/feed-config.js';
import { BETFAIR } from '../feeds/betfair/addresses.js';
import type { FeedLimits } from '../markets/feed-watch.js';
import {
  type NamedSecrets,
  type Receiver,
  receiverOf,
  secretFor,
  SecretRefused,
  UnknownSecret,
} from './named-secrets.js';

/** What config names and never contains: secrets, networks and files. */
export interface SecretsAndFiles {
  /** Secrets that feeds may name, each with the hosts that it may be sent to. */
  readonly secrets: NamedSecrets;
  /** Where feeds may connect to. */
  readonly policy: AddressPolicy;
  /** The folder below which recordings and messages lie. */
  readonly filesDir: string | undefined;
}

/** A feed as its document says, ready to be made. */
export interface ConfiguredFeed {
  readonly config: FeedConfig;
  readonly limits: FeedLimits;
}

/** The feed names a destination to which this service may not connect; the message names the field. */
export class DestinationRefused extends Error {}

/**
 * Reads the body of an odds-feed document; `undefined` for one that is switched off.
 * @throws ShapeError, InvalidFeeds naming what is unusable or missing here; DestinationRefused, SecretRefused
 */
export async function toFeedConfig(
  key: string,
  body: unknown,
  secretsAndFiles: SecretsAndFiles,
): Promise<ConfiguredFeed | undefined> {
  const from = new Shape(body);
  if (!from.get('enabled', flag)) return undefined;
  const silenceMs = from.get('silenceMs', number);
  const syncWindowMs = from.get('syncWindowMs', number);
  const [name, source] = from.get('source', oneSource);
  const forbidden = destinationProblems(feedDestinations(body), secretsAndFiles.policy);
  if (forbidden.length > 0)
    throw new DestinationRefused(forbidden.map(({ path, message }) => `${path} ${message}`).join('; '));
  const parts = await partsOf(name, source, syncWindowMs, secretsAndFiles);
  const [config] = checkFeeds([{ type: name, key, ...parts }]);
  if (!config) throw new ShapeError('source', 'a feed');
  return { config, limits: { silenceMs, lagMs: from.optional('lagMs', number).lagMs ?? silenceMs } };
}

const oneSource: Reader<[FeedSourceName, Shape]> = (value, path) => {
  const from = new Shape(value, path);
  const found = FEED_SOURCES.flatMap((name): [FeedSourceName, Shape][] => {
    const { [name]: member } = from.optional(name, (inner, at) => new Shape(inner, at));
    return member ? [[name, member]] : [];
  });
  const [source] = found;
  if (!source || found.length > 1) throw new ShapeError(path, `exactly one of ${FEED_SOURCES.join(', ')}`);
  return source;
};

/** What a source is configured with, without its type and key; checked by the schema of feeds. */
async function partsOf(
  name: FeedSourceName,
  source: Shape,
  syncWindowMs: number,
  secretsAndFiles: SecretsAndFiles,
): Promise<object> {
  const secret = (receivers: readonly Receiver[]) => secretReader(secretsAndFiles, receivers);
  const file = (path: string): Promise<string> => existing(path, secretsAndFiles);
  switch (name) {
    case 'simulator':
      return {
        ...source.optional('seed', number),
        ...source.optional('matches', number),
        ...source.optional('matchMs', number),
      };
    case 'recording':
      return {
        path: await file(source.get('path', text)),
        ...source.optional('speed', number),
        ...source.optional('repeat', flag),
      };
    case 'betfair': {
      const { host, port, loginUrl, fields, heartbeatMs } = {
        ...source.optional('host', text),
        ...source.optional('port', number),
        ...source.optional('loginUrl', text),
        ...source.optional('fields', list(text)),
        ...source.optional('heartbeatMs', number),
      };
      const login = receiverOf(urlOf(loginUrl ?? BETFAIR.loginUrl, 'source.betfair.loginUrl'));
      const stream = { host: host ?? BETFAIR.host, port: port ?? BETFAIR.port };
      const account = {
        appKey: source.get('appKeyVariable', secret([login, stream])),
        username: source.get('usernameVariable', secret([login])),
        // The session that it opens goes to the stream.
        password: source.get('passwordVariable', secret([login, stream])),
      };
      return present({
        ...account,
        marketFilter: source.get('marketFilter', anything),
        conflateMs: syncWindowMs,
        host,
        port,
        loginUrl,
        fields,
        heartbeatMs,
      });
    }
    case 'uof': {
      const { folder } = source.optional('folder', text);
      const { reference = [] } = source.optional('reference', list(text));
      const { apiUrl } = source.optional('apiUrl', text);
      const api = apiUrl === undefined ? [] : [receiverOf(urlOf(apiUrl, 'source.uof.apiUrl'))];
      // Without an API it is sent to no host.
      const { accessTokenVariable: accessToken } =
        apiUrl === undefined ? {} : source.optional('accessTokenVariable', secret(api));
      const paths = {
        folder: folder === undefined ? undefined : await file(folder),
        reference: await Promise.all(reference.map(file)),
      };
      return present({ producers: source.get('producers', list(number)), apiUrl, ...paths, accessToken });
    }
    case 'poller': {
      const url = source.get('url', text);
      const receiver = [receiverOf(urlOf(url, 'source.poller.url'))];
      const header: Reader<[string, string]> = (value, path) => headerOf(new Shape(value, path), secret(receiver));
      const { headers = [] } = source.optional('headers', list(header));
      const parameter: Reader<[string, string]> = (value, path) =>
        parameterOf(new Shape(value, path), secret(receiver));
      const { parameters } = source.optional('parameters', list(parameter));
      const mapping = source.get('mapping', anything);
      return present({
        url,
        intervalMs: syncWindowMs,
        headers: Object.fromEntries(headers),
        parameters: parameters && Object.fromEntries(parameters),
        mapping,
      });
    }
  }
}

function headerOf(header: Shape, secret: Reader<string>): [string, string] {
  return [header.get('name', headerName), header.optional('variable', secret).variable ?? header.get('value', text)];
}

const headerName: Reader<string> = (value, path) => {
  const name = text(value, path);
  const problem = configHeaderProblem(name);
  if (problem !== undefined) throw new ShapeError(path, `another header: it ${problem}`);
  return name;
};

function parameterOf(parameter: Shape, secret: Reader<string>): [string, string] {
  return [parameter.get('name', text), parameter.get('variable', secret)];
}

const anything: Reader<unknown> = (value) => value;

/** The value of the variable that config names, for those that will get it. @throws SecretRefused */
function secretReader({ secrets }: SecretsAndFiles, receivers: readonly Receiver[]): Reader<string> {
  return (value, path) => {
    const name = text(value, path);
    try {
      const [found] = receivers.map((receiver) => secretFor(secrets, name, receiver));
      return found ?? '';
    } catch (error) {
      const unknown = error instanceof UnknownSecret;
      if (unknown) throw new ShapeError(path, `a variable that this service has; ${error.message}`);
      throw error instanceof SecretRefused ? new SecretRefused(`${path}: ${error.message}`) : error;
    }
  };
}

function urlOf(text: string, path: string): URL {
  const url = URL.parse(text);
  if (!url) throw new ShapeError(path, 'an address');
  return url;
}

/** A file or folder that config names, which may not lead out of the folder of files. */
async function existing(path: string, { filesDir }: SecretsAndFiles): Promise<string> {
  if (filesDir === undefined) throw new ShapeError(path, 'below ODDS_FILES_DIR, which this service is not given');
  if (path.startsWith('/') || path.split(/[\\/]/).includes('..'))
    throw new ShapeError(path, 'a path that does not lead out of the folder of files');
  const whole = join(filesDir, path);
  await access(whole).catch(() => {
    throw new ShapeError(path, 'a file or folder in the folder of files; it does not exist');
  });
  return whole;
}

function present(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
