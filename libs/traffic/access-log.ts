/** One request as an access log has it. */
export interface LoggedRequest {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The client's own name where it gave one (`Paddock-Client`, or the user of the log), else its address. */
  readonly client: string;
  readonly method: string;
  /** As it stands in the log: a whole URL in an egress log, a path in a server's own. */
  readonly url: string;
  /** The host that was asked, where the log says so. */
  readonly host?: string;
  readonly status: number;
  readonly bytes: number;
}

/** A longer line is no line of an access log, and is cut here. */
const MAX_LINE = 65_536;

const COMMON = /^(\S+) \S+ (\S+) \[([^\]]{1,40})\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)/;

/**
 * Reads a line of an access log: Common or Combined Log Format, Caddy's JSON, or nginx's JSON with the names of its own
 * variables (`time_iso8601` or `msec`, `remote_addr`, `request` or `request_method` and `request_uri`, `status`,
 * `body_bytes_sent`, `host`, `http_paddock_client`). `undefined` for any other line.
 */
export function readAccessLine(line: string): LoggedRequest | undefined {
  if (line.length > MAX_LINE) return undefined;
  return line.startsWith('{') ? readJson(line) : readCommon(line);
}

function readCommon(line: string): LoggedRequest | undefined {
  const [, address = '', user = '', time = '', request = '', status, bytes] = COMMON.exec(line) ?? [];
  const [method = '', url = ''] = request.split(' ');
  return checked({
    at: commonTime(time),
    client: user === '-' || user === '' ? address : user,
    method,
    url,
    status: Number(status),
    bytes: bytes === '-' ? 0 : Number(bytes),
  });
}

/** `20/Nov/2026:12:00:01 +0000` */
function commonTime(text: string): number {
  const [, day, month, year, time, hours, minutes] =
    /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})$/.exec(text) ?? [];
  return Date.parse(`${day} ${month} ${year} ${time} GMT${hours}${minutes}`);
}

function readJson(line: string): LoggedRequest | undefined {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(entry)) return undefined;
  const { request } = entry;
  return isObject(request) ? readCaddy(entry, request) : readNginx(entry);
}

function readCaddy(entry: Fields, request: Fields): LoggedRequest | undefined {
  const headers = isObject(request['headers']) ? request['headers'] : {};
  const [name] = Array.isArray(headers['Paddock-Client']) ? headers['Paddock-Client'] : [];
  return checked({
    at: timeOf(entry['ts']),
    client: text(name) || text(entry['user_id']) || text(request['client_ip']) || text(request['remote_ip']),
    method: text(request['method']),
    url: text(request['uri']),
    host: text(request['host']),
    status: Number(entry['status']),
    bytes: Number(entry['size'] ?? 0),
  });
}

function readNginx(entry: Fields): LoggedRequest | undefined {
  const [method = '', url = ''] = text(entry['request']).split(' ');
  return checked({
    at: timeOf(entry['msec'] ?? entry['time_iso8601'] ?? entry['time_local'] ?? entry['time'] ?? entry['timestamp']),
    client:
      text(entry['http_paddock_client']).replace(/^-$/, '') ||
      text(entry['remote_user']).replace(/^-$/, '') ||
      text(entry['remote_addr']),
    method: method || text(entry['request_method']),
    url: url || text(entry['request_uri']) || text(entry['uri']),
    host: text(entry['host']) || text(entry['http_host']),
    status: Number(entry['status']),
    bytes: Number(entry['body_bytes_sent'] ?? entry['bytes_sent'] ?? 0),
  });
}

/** Seconds since 1970, as a number or its text, or a date in one of the formats that logs use. */
function timeOf(value: unknown): number {
  if (typeof value === 'number') return value * 1_000;
  const written = text(value);
  if (/^\d+(?:\.\d+)?$/.test(written)) return Number(written) * 1_000;
  return written.includes('/') ? commonTime(written) : Date.parse(written);
}

function checked(request: { host?: string } & Omit<LoggedRequest, 'host'>): LoggedRequest | undefined {
  const { at, client, method, url, host, status, bytes } = request;
  const good =
    Number.isFinite(at) &&
    client !== '' &&
    /^[A-Z]+$/.test(method) &&
    url !== '' &&
    status >= 100 &&
    status <= 599 &&
    bytes >= 0;
  return good ? { at, client: client.slice(0, 100), method, url, status, bytes, ...(host ? { host } : {}) } : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
