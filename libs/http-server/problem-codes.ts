/** The meaning of a problem code, for people. */
export interface ProblemMeaning {
  /** The statuses with which it is sent. */
  readonly status: number | readonly number[];
  /** One sentence, the same for every occurrence: the `title` of RFC 9457. */
  readonly title: string;
  /** What to do about it. */
  readonly help: string;
}

const meanings = <const T extends Readonly<Record<string, ProblemMeaning>>>(table: T): T => table;

/**
 * Every code that an HTTP route of any app may answer with. A new code needs its row here; docs/errors.md and the page
 * `/problems` of each app list them from this table.
 */
export const PROBLEM_CODES = meanings({
  // Any route.
  BAD_REQUEST: {
    status: 400,
    title: 'The request could not be read.',
    help: 'Correct what the detail names.',
  },
  BAD_JSON: {
    status: 400,
    title: 'The body is not valid JSON.',
    help: 'The position says after how many characters the text stops being JSON.',
  },
  JSON_TOO_DEEP: {
    status: 400,
    title: 'The JSON body is nested too deeply.',
    help: 'The members limit and actual say how deep a body may be and how deep this one is.',
  },
  JSON_TOO_MANY_MEMBERS: {
    status: 400,
    title: 'The JSON body has too many members.',
    help: 'Send less at once. The members limit and actual say how much.',
  },
  INVALID_PARAMETERS: {
    status: 400,
    title: 'Some parameters of the request are not valid.',
    help: 'The list errors names each of them and what was expected.',
  },
  MALFORMED_URL: {
    status: 400,
    title: 'The URL is not percent-encoded correctly.',
    help: 'Encode each part of the path as UTF-8 with encodeURIComponent or the like.',
  },
  URL_TOO_LONG: {
    status: 414,
    title: 'The URL is too long.',
    help: 'The detail says how many characters are read.',
  },
  NOT_FOUND: {
    status: 404,
    title: 'There is no resource at this address.',
    help: 'The routes are in /openapi.json.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'This address does not take this method.',
    help: 'The header Allow lists the methods that it takes.',
  },
  TIMEOUT: {
    status: 408,
    title: 'The request did not arrive in time.',
    help: 'Send it again. The deadlines are settings of the server.',
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    title: 'The body is too large.',
    help: 'The detail says how many bytes are read.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'The body has a media type that this address does not read.',
    help: 'Send Content-Type: application/json, unless the route asks for another one.',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    title: 'The request line and headers are too large.',
    help: 'Send fewer or shorter headers and cookies.',
  },
  WRONG_HOST: {
    status: 421,
    title: 'This port does not answer to this host name.',
    help: 'Call the operations port by its address or as localhost.',
  },
  INTERNAL: {
    status: 500,
    title: 'The server failed.',
    help: 'Report it with the request id, by which the operator finds it in the logs.',
  },
  UNAVAILABLE: {
    status: 503,
    title: 'A server behind this one is unavailable.',
    help: 'Send the request again after the time in Retry-After.',
  },
  // Limits of a port.
  RATE_LIMITED: {
    status: 429,
    title: 'Too many requests came from this address or with this key.',
    help: 'Send it again after the time in Retry-After.',
  },
  TOO_MANY_WRONG_KEYS: {
    status: 429,
    title: 'Too many wrong keys came from this address.',
    help: 'Send the right key; it is not affected by this limit.',
  },
  TOO_MANY_CONNECTIONS: {
    status: 503,
    title: 'This address has too many connections open.',
    help: 'Close some, or keep fewer connections and reuse them.',
  },
  TOO_MANY_STREAMS: {
    status: [429, 503],
    title: 'Too many streams are open.',
    help: 'Close some, or connect to another instance. Try again after the time in Retry-After.',
  },
  // Pages of other origins.
  ORIGIN_NOT_ALLOWED: {
    status: 403,
    title: 'Pages of this origin may not call this server.',
    help: 'Its operator can add the origin to the setting ALLOWED_ORIGINS.',
  },
  HEADERS_NOT_ALLOWED: {
    status: 403,
    title: 'A page asks to send request headers that this server does not read.',
    help: 'Leave out the headers that the detail names.',
  },
  // Who asks.
  CLIENT_KEY_REQUIRED: {
    status: 401,
    title: 'A client key is required.',
    help: 'Send it in the header Paddock-Client-Key, or as the parameter clientKey where a route takes one.',
  },
  UNKNOWN_CLIENT_KEY: {
    status: 401,
    title: 'The client key is not known.',
    help: 'Check that the key belongs to this environment and was not revoked.',
  },
  UNAUTHENTICATED: {
    status: 401,
    title: 'A key or token is required.',
    help: 'Send it as Authorization: Bearer, or in the header Paddock-Client-Key.',
  },
  UNKNOWN_KEY: {
    status: 401,
    title: 'The key is not known.',
    help: 'Check that the key belongs to this environment and was not revoked.',
  },
  FORBIDDEN: {
    status: 403,
    title: 'The key or session does not allow this.',
    help: 'The detail names what is missing.',
  },
  SCOPE_MISSING: {
    status: 403,
    title: 'The client key lacks a scope.',
    help: 'Use a key that has the scope which the detail names.',
  },
  OTHER_SITE: {
    status: 403,
    title: 'The client key is bound to another site.',
    help: 'Ask for the site of the key, or use a key of the other site.',
  },
  SITE_BOUND_KEY: {
    status: 403,
    title: 'This request needs a client key that is bound to no site.',
    help: 'Create a client key for all sites.',
  },
  RESERVED_CONSUMER: {
    status: 403,
    title: 'The consumer name of the client key is reserved.',
    help: 'Create a client key with a consumer name of your own.',
  },
  // Edge.
  UNKNOWN_ENVIRONMENT: { status: 404, title: 'There is no such environment.', help: 'Check its name.' },
  UNKNOWN_SITE: { status: 404, title: 'There is no such site in this environment.', help: 'Check its key.' },
  UNKNOWN_PAGE: {
    status: 404,
    title: 'The site has no such page.',
    help: 'Publish a layout for the page, or check its name.',
  },
  UNKNOWN_BLOB: {
    status: 404,
    title: 'No document that is live or was recently has this content.',
    help: 'Read the manifest for the hashes that are current.',
  },
  NO_STATE: {
    status: 503,
    title: 'This instance has no state of the environment yet.',
    help: 'Try again after the time in Retry-After, or ask another instance.',
  },
  BEHIND: {
    status: 503,
    title: 'This instance has not applied that release yet.',
    help: 'Try again after the time in Retry-After, or ask another instance.',
  },
  CHANGES_GONE: {
    status: 410,
    title: 'The releases after this seq are no longer kept.',
    help: 'Read the manifest, to which the header Link leads.',
  },
  QUEUE_AWAY: {
    status: 503,
    title: 'Receipts cannot be stored at the moment.',
    help: 'Send the receipt again; a repeated receipt changes nothing.',
  },
  MARKETS_NOT_READY: {
    status: 503,
    title: 'This instance has not read the markets yet.',
    help: 'Try again after the time in Retry-After, or ask another instance.',
  },
  CLK_EXPIRED: {
    status: 410,
    title: 'The changes since this clk are no longer kept.',
    help: 'Read the snapshot, to which the header Link leads, and continue from its clk.',
  },
  ROUTE_GONE: {
    status: 410,
    title: 'This route was withdrawn.',
    help: 'Use the route that the detail and the header Link name.',
  },
  UNKNOWN_PROTOCOL: {
    status: 400,
    title: 'The WebSocket subprotocol is not known.',
    help: 'Connect with the subprotocol that the detail names.',
  },
  // Odds.
  UNKNOWN_UPSTREAM: { status: 404, title: 'There is no such upstream.', help: 'Check its key.' },
  PATH_NOT_ALLOWED: {
    status: 403,
    title: 'This path of the upstream may not be read.',
    help: 'Add the path to the upstream where it is configured.',
  },
  REFUSED_URL: {
    status: 400,
    title: 'The path or query for the upstream is not allowed.',
    help: 'The list errors says what is wrong with it.',
  },
  UPSTREAM_TIMEOUT: {
    status: 504,
    title: 'The upstream did not answer in time.',
    help: 'Try again after the time in Retry-After.',
  },
  UPSTREAM_UNREACHABLE: {
    status: 503,
    title: 'The upstream cannot be reached.',
    help: 'Try again after the time in Retry-After.',
  },
  UPSTREAM_ERROR: {
    status: 503,
    title: 'The upstream answered with an error.',
    help: 'Try again after the time in Retry-After.',
  },
  UPSTREAM_DENIED: {
    status: 502,
    title: 'The upstream refused our credential.',
    help: 'Its operator must correct the credential.',
  },
  UPSTREAM_THROTTLED: {
    status: 503,
    title: 'The upstream limits how often it may be asked.',
    help: 'Try again after the time in Retry-After.',
  },
  UPSTREAM_RESTING: {
    status: 503,
    title: 'The upstream failed repeatedly and is not asked for a while.',
    help: 'Try again after the time in Retry-After.',
  },
  UPSTREAM_REDIRECTS: {
    status: 502,
    title: 'The upstream answered with a redirect, which is not followed.',
    help: 'Configure the address to which it redirects.',
  },
  UPSTREAM_TOO_LARGE: {
    status: 502,
    title: 'The answer of the upstream is too large.',
    help: 'Ask for less of it.',
  },
  UPSTREAM_UNREADABLE: {
    status: 502,
    title: 'The answer of the upstream could not be read.',
    help: 'The detail says why.',
  },
  BUSY: {
    status: 503,
    title: 'Too many requests wait for upstreams.',
    help: 'Try again after the time in Retry-After.',
  },
  EMPTY: { status: 400, title: 'The body is missing.', help: 'Send an access log as the body.' },
  BROKEN_LOG: {
    status: 400,
    title: 'The access log could not be unpacked.',
    help: 'Send the whole file, plain or compressed with gzip.',
  },
  COUNTS_AWAY: {
    status: 503,
    title: 'The traffic counts cannot be read at the moment.',
    help: 'Try again after the time in Retry-After.',
  },
  // Analytics.
  VALIDATION: {
    status: 400,
    title: 'The request is not valid.',
    help: 'The list errors names each mistake, its place and what was expected.',
  },
  BODY_MISSING: { status: 400, title: 'The body is missing.', help: 'Send the events as the body.' },
  BODY_TOO_LARGE: {
    status: 413,
    title: 'The body is too large.',
    help: 'Send fewer events at once. The detail says how many bytes are read.',
  },
  EVENTS_REFUSED: {
    status: 400,
    title: 'No event of the request was accepted.',
    help: 'The list rejected has a code, a message and, where there is one, the field for each event.',
  },
  TOO_MANY_EVENTS: {
    status: 413,
    title: 'The body has too many events.',
    help: 'Send fewer events at once. The detail says how many.',
  },
  INVALID_JSON: {
    status: 400,
    title: 'The body is not valid JSON.',
    help: 'Send NDJSON, a JSON array or one JSON object.',
  },
  INVALID_BATCH: {
    status: 400,
    title: 'The body is not a batch.',
    help: 'Send an object with the list batch, as the HTTP API of Segment has it.',
  },
  INVALID_UTF8: {
    status: 400,
    title: 'The body has bytes that are not UTF-8.',
    help: 'Send text in UTF-8.',
  },
  INVALID_ENCODING: {
    status: 400,
    title: 'The body does not match its Content-Encoding.',
    help: 'Compress the body as the header says, or leave the header out.',
  },
  UNKNOWN_ENCODING: {
    status: 415,
    title: 'The Content-Encoding or media type of the body is not known.',
    help: 'Use gzip, deflate, br or none.',
  },
  OVERLOADED: {
    status: 429,
    title: 'More events come than can be stored.',
    help: 'Send the same events again after the time in Retry-After.',
  },
  LOG_UNAVAILABLE: {
    status: 503,
    title: 'Events cannot be stored at the moment.',
    help: 'Send the same events again after the time in Retry-After.',
  },
  INTROSPECTION_DISABLED: {
    status: 404,
    title: 'The GraphQL schema is not served here.',
    help: 'Its operator can set GRAPHQL_INTROSPECTION to on. The schema is also in the repository.',
  },
});

/** A code of {@link PROBLEM_CODES}. */
export type ProblemCode = keyof typeof PROBLEM_CODES;

/** Where each app describes the problems that it answers with. */
export const PROBLEMS_PATH = '/problems';

/** The `type` of a problem: an address that leads to its description at the server that sent it (RFC 9457, 3.1.1). */
export function problemType(code: ProblemCode): string {
  return `${PROBLEMS_PATH}#${code}`;
}
