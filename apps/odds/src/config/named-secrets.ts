/** Suffix of the variable that lists the hosts of a secret. */
export const HOSTS_SUFFIX = '_HOSTS';

/** Where a secret may be sent to: one host, or everything below a suffix, at one port. */
export interface HostPattern {
  readonly host: string;
  readonly below: boolean;
  readonly port: number;
}

/** A secret that config may name, and where it may be sent to. */
export interface NamedSecret {
  readonly value: string;
  readonly hosts: readonly HostPattern[];
}

/** The secrets that config may name, by the names of their variables. */
export type NamedSecrets = Readonly<Record<string, NamedSecret>>;

/** The form of a host that may get a secret. */
export interface Receiver {
  readonly host: string;
  readonly port: number;
}

/** The environment of this process has no such secret. */
export class UnknownSecret extends Error {}

/** The secret may not be sent where config asks. The message says why, and never contains the secret. */
export class SecretRefused extends Error {}

const HTTPS_PORT = 443;
const LABEL = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const PATTERN = new RegExp(
  `^(?<star>\\*\\.)?(?<host>${LABEL}(?:\\.${LABEL})*|\\[[0-9a-f:.]+\\])(?::(?<port>\\d{1,5}))?$`,
);

/**
 * Secrets among the variables of a process: each `<PREFIX>NAME` with the hosts that `<PREFIX>NAME_HOSTS` lists, joined
 * by commas: `api.example.com`, `*.example.com`, `api.example.com:8443`. Without a port it is that of HTTPS.
 * @param problem is called for every entry that is not a valid host
 */
export function namedSecretsIn(
  variables: Readonly<Record<string, string | undefined>>,
  prefix: string,
  problem: (variable: string, message: string) => void,
): NamedSecrets {
  const names = Object.keys(variables).filter(
    (name) => name.startsWith(prefix) && !name.endsWith(HOSTS_SUFFIX) && variables[name],
  );
  return Object.fromEntries(
    names.map((name) => {
      const list = (variables[`${name}${HOSTS_SUFFIX}`] ?? '').split(',').map((text) => text.trim().toLowerCase());
      const hosts = list.filter(Boolean).flatMap((text) => {
        const pattern = hostPattern(text);
        if (!pattern)
          problem(
            `${name}${HOSTS_SUFFIX}`,
            `has ${JSON.stringify(text)}, expected hosts such as api.example.com, *.example.com or api.example.com:8443`,
          );
        return pattern ?? [];
      });
      return [name, { value: variables[name] ?? '', hosts }];
    }),
  );
}

/** A suffix after `*.` must have at least two labels: `*.com` would match everything. */
function hostPattern(text: string): HostPattern | undefined {
  const { star, host = '', port } = PATTERN.exec(text)?.groups ?? {};
  const number = port === undefined ? HTTPS_PORT : Number(port);
  if (host === '' || number < 1 || number > 65_535 || (star !== undefined && !host.includes('.'))) return undefined;
  return { host, below: star !== undefined, port: number };
}

/**
 * The secret of this name, for this receiver.
 * @throws UnknownSecret where no such secret exists, SecretRefused where it may not be sent there
 */
export function secretFor(secrets: NamedSecrets, name: string, receiver: Receiver): string {
  const secret = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  if (!secret) throw new UnknownSecret(`its environment has no ${name}`);
  const { host, port } = normalised(receiver);
  const allowed = secret.hosts.some(
    (pattern) => pattern.port === port && (pattern.below ? host.endsWith(`.${pattern.host}`) : host === pattern.host),
  );
  if (allowed) return secret.value;
  const list = `${name}${HOSTS_SUFFIX}`;
  const why = secret.hosts.length === 0 ? `${list} lists no hosts that it may be sent to` : `${list} does not list it`;
  throw new SecretRefused(`${name} must not be sent to ${host}:${port}: ${why}`);
}

/** The receiver of requests to a URL. */
export function receiverOf(url: URL): Receiver {
  const port = url.port === '' ? (url.protocol === 'https:' ? HTTPS_PORT : 80) : Number(url.port);
  return { host: url.hostname, port };
}

function normalised({ host, port }: Receiver): Receiver {
  return { host: host.toLowerCase().replace(/\.$/, ''), port };
}
