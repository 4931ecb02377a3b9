import {
  arrayOf,
  objectSchema,
  type ParameterDescription,
  type ProblemCode,
  type RouteDescription,
  schemaRef,
} from '@paddock/http-server';

const TEXT = { type: 'string' };
const WHOLE = { type: 'integer', minimum: 0 };
const PRICE = {
  type: ['integer', 'null'],
  description: 'Decimal odds in integer thousandths: 2380 is 2.38. Null where there is no price.',
};

/** Schemas of markets as odds/1 has them. */
export const MARKET_SCHEMAS = {
  Market: {
    type: 'object',
    description: 'A market, or what changed of it. A market that is over or hidden comes with `rm` alone.',
    properties: {
      id: { ...TEXT, description: 'The global id: the feed, a colon, the id of the source.' },
      rm: { const: true, description: 'The market is no longer there.' },
      img: { const: true, description: 'The entry has everything of the market.' },
      v: { ...WHOLE, description: 'Grows with each change of the market.' },
      st: { enum: ['INACTIVE', 'OPEN', 'SUSPENDED', 'CLOSED', 'CANCELLED', 'SETTLED'] },
      sr: { enum: ['FEED', 'BETSTOP', 'OPS'], description: 'Why it is suspended.' },
      ip: { type: 'boolean', description: 'Is the event in play?' },
      featured: { const: true },
      bettable: { const: false, description: 'Shown, but no bets may be placed.' },
      def: schemaRef('MarketDefinition'),
      r: arrayOf(schemaRef('Runner')),
    },
    required: ['id'],
  },
  MarketDefinition: {
    type: 'object',
    description: 'What a market is about. What the source does not say is absent.',
    properties: {
      event: { ...TEXT, description: 'The global id of the event.' },
      eventName: TEXT,
      sport: TEXT,
      competition: TEXT,
      type: { ...TEXT, description: 'The market type of the source, such as MATCH_ODDS.' },
      name: TEXT,
      startTime: { type: 'string', format: 'date-time' },
      country: TEXT,
      venue: TEXT,
      specifiers: { ...TEXT, description: 'A line and the like: `total=2.5`.' },
      winners: WHOLE,
      betDelay: { ...WHOLE, description: 'Seconds by which the source delays bets.' },
      runners: arrayOf({ type: 'object' }, 'In display order: `id`, `hc` (handicap) and `name` of each.'),
    },
    required: ['event', 'sport', 'type', 'runners'],
  },
  Runner: {
    type: 'object',
    properties: {
      id: { type: ['integer', 'string'], description: 'The id of the source within the market.' },
      hc: { type: 'number', description: 'The handicap, part of the identity of a runner.' },
      st: { enum: ['ACTIVE', 'INACTIVE', 'REMOVED', 'WINNER', 'PLACED', 'LOSER', 'HIDDEN'] },
      p: PRICE,
      lay: { ...PRICE, description: 'The best price to lay, in thousandths, on exchanges.' },
      ltp: { ...PRICE, description: 'The price last traded, in thousandths, on exchanges.' },
      sp: { ...PRICE, description: 'The starting price, in thousandths, once it is known.' },
    },
    required: ['id'],
  },
  MarketSnapshot: objectSchema({
    clk: { ...TEXT, description: 'Continue from here with `/v2/changes` or the stream.' },
    markets: arrayOf(schemaRef('Market')),
  }),
  MarketChanges: objectSchema({
    ct: { const: 'RESUB' },
    clk: { ...TEXT, description: 'Ask again with `since` at this clk.' },
    m: arrayOf(schemaRef('Market'), 'What changed.'),
    removed: arrayOf(TEXT, 'Ids of markets that are over or hidden.'),
  }),
  LegacyMarkets: objectSchema({
    event: TEXT,
    markets: arrayOf(
      objectSchema({
        id: TEXT,
        status: TEXT,
        runners: arrayOf(
          objectSchema({
            id: { type: ['integer', 'string'] },
            odds: { type: ['number', 'null'], description: 'Decimal odds.' },
          }),
        ),
      }),
    ),
  }),
};

const query = (name: string, description: string, schema: object = TEXT): ParameterDescription => ({
  name,
  in: 'query',
  description,
  schema: { ...schema },
});
const CALLER = [
  query('site', 'The site, where the client key is bound to none.'),
  query('environment', 'The environment, where several know the key.'),
];
const FILTER = [
  query('events', 'Ids of events, joined by commas.'),
  query('markets', 'Ids of markets, joined by commas.'),
  query('sports', 'Sports, joined by commas.'),
  query('competitions', 'Competitions, joined by commas.'),
  query('types', 'Market types, joined by commas.'),
];
const PACE = [
  query('conflateMs', 'Send at most one change of a market in so many milliseconds.', WHOLE),
  query('hbMs', 'Send a heartbeat after so many milliseconds of silence.', WHOLE),
  query('clk', 'Continue from this clk.'),
];
const EVENT: ParameterDescription = { name: 'event', in: 'path', description: 'The id of the event.', schema: TEXT };
const PROBLEMS: readonly ProblemCode[] = [
  'INVALID_PARAMETERS',
  'CLIENT_KEY_REQUIRED',
  'UNKNOWN_CLIENT_KEY',
  'SCOPE_MISSING',
  'OTHER_SITE',
  'UNKNOWN_ENVIRONMENT',
  'UNKNOWN_SITE',
  'NO_STATE',
  'MARKETS_NOT_READY',
  'TOO_MANY_WRONG_KEYS',
];
const SECURITY = ['clientKey', 'clientKeyInQuery'] as const;
const SNAPSHOT = {
  200: {
    description: 'The markets.',
    content: { 'application/json': schemaRef('MarketSnapshot') },
    headers: { ETag: 'Names the content of the answer.' },
  },
  304: { description: 'Nothing has changed since the answer with this ETag.' },
};

/** Routes of markets over HTTP; WebSockets connect to `/v2/markets/stream`. */
export const MARKET_ROUTES: readonly RouteDescription[] = [
  {
    method: 'GET',
    path: '/v2/markets',
    tag: 'Markets',
    summary: 'Markets as they are now.',
    security: SECURITY,
    parameters: [...FILTER, ...PACE, ...CALLER],
    answers: SNAPSHOT,
    problems: PROBLEMS,
  },
  {
    method: 'GET',
    path: '/v2/events/{event}/markets',
    tag: 'Markets',
    summary: 'The markets of one event.',
    security: SECURITY,
    parameters: [EVENT, ...PACE, ...CALLER],
    answers: SNAPSHOT,
    problems: PROBLEMS,
  },
  {
    method: 'GET',
    path: '/v2/changes',
    tag: 'Markets',
    summary: 'What changed since a clk: a long poll.',
    security: SECURITY,
    parameters: [
      { ...query('since', 'The clk of the answer before.'), required: true },
      query('wait', 'How many milliseconds to wait for a change; 25,000 if absent.', { ...WHOLE, maximum: 30_000 }),
      ...FILTER,
      ...PACE,
      ...CALLER,
    ],
    answers: {
      200: { description: 'The changes.', content: { 'application/json': schemaRef('MarketChanges') } },
    },
    problems: [...PROBLEMS, 'CLK_EXPIRED', 'TOO_MANY_STREAMS'],
  },
  {
    method: 'GET',
    path: '/v2/markets/stream',
    tag: 'Markets',
    summary: 'Markets as server-sent events of odds/1.',
    description: 'As a WebSocket with the subprotocol odds/1, the same path takes frames that subscribe.',
    security: SECURITY,
    parameters: [
      ...FILTER,
      ...PACE,
      ...CALLER,
      { name: 'Last-Event-ID', in: 'header', description: 'The clk after which to resume.', schema: TEXT },
    ],
    answers: { 200: { description: 'The stream.', content: { 'text/event-stream': TEXT } } },
    problems: [...PROBLEMS, 'TOO_MANY_STREAMS'],
  },
  {
    method: 'GET',
    path: '/v1/odds/events/{event}/markets',
    tag: 'Markets, version 1',
    summary: 'The markets of one event as version 1 has them. Deprecated.',
    description: 'The headers Deprecation, Sunset and Link say when the route ends and what replaces it.',
    security: SECURITY,
    parameters: [EVENT, ...FILTER, ...PACE, ...CALLER],
    answers: { 200: { description: 'The markets.', content: { 'application/json': schemaRef('LegacyMarkets') } } },
    problems: [...PROBLEMS, 'ROUTE_GONE'],
  },
  {
    method: 'GET',
    path: '/v1/odds',
    tag: 'Markets, version 1',
    summary: 'A page about the end of version 1.',
    answers: { 200: { description: 'The page.', content: { 'text/html': TEXT } } },
  },
];
