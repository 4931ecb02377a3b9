import { ALL_SITES } from '@paddock/contracts';
import type { EventSchemaBody, EventVersion, MetricBody } from '@paddock/metrics';

type Properties = EventVersion['schema'];
type SampleDefinition = { key: string; site: string } & (
  { kind: 'event-schema'; body: EventSchemaBody } | { kind: 'metric'; body: MetricBody }
);

const text: Properties = { type: 'string', maxLength: 200 };
const longText: Properties = { type: 'string', maxLength: 4_000 };
const money: Properties = { type: 'number', minimum: 0 };

function event(
  name: string,
  description: string,
  properties: Record<string, Properties>,
  required: string[],
): SampleDefinition {
  const schema = {
    type: 'object',
    required: ['id', 'at', 'user', ...required],
    properties: {
      id: text,
      at: { type: 'string', format: 'date-time' },
      user: text,
      session: text,
      channel: { type: 'string', enum: ['web', 'app'] },
      ...properties,
    },
  };
  return {
    kind: 'event-schema',
    site: ALL_SITES,
    key: name,
    body: {
      event: name,
      description,
      fields: { id: 'id', time: 'at', user: 'user', session: 'session' },
      versions: [{ version: '1.0.0', schema }],
    },
  };
}

/** An event that SDKs make of a call: they fill in its ids and its time, and every other field may be missing. */
function call(name: string, description: string, properties: Record<string, Properties>): SampleDefinition {
  const schema = {
    type: 'object',
    required: ['id', 'at'],
    properties: {
      id: text,
      at: { type: 'string', format: 'date-time' },
      user: { type: 'string', maxLength: 300 },
      anonymousId: { type: 'string', maxLength: 300 },
      session: text,
      ...properties,
    },
  };
  return {
    kind: 'event-schema',
    site: ALL_SITES,
    key: name,
    body: {
      event: name,
      description,
      fields: { id: 'id', time: 'at', user: 'user', anonymous: 'anonymousId', session: 'session' },
      versions: [{ version: '1.0.0', schema }],
    },
  };
}

function metric(key: string, body: MetricBody): SampleDefinition {
  return { kind: 'metric', site: ALL_SITES, key, body: { ...body, serving: { timeZone: 'Europe/London' } } };
}

const bySport = [{ name: 'sport', maxCardinality: 50 }, { name: 'channel' }];

/** What a sportsbook counts first, and the contracts of the events behind it. */
export const SAMPLE_METRICS: readonly SampleDefinition[] = [
  event('page_view', 'Somebody looks at a page.', { page: text }, ['page']),
  event('promo_impression', 'A promo came into view.', { promo: text }, ['promo']),
  event('promo_click', 'Somebody followed a promo.', { promo: text }, ['promo']),
  event('registration', 'Somebody opened an account.', {}, []),
  event('deposit', 'Money came in.', { amount: money, currency: { type: 'string', pattern: '^[A-Z]{3}$' } }, [
    'amount',
    'currency',
  ]),
  event(
    'bet_placed',
    'A bet was taken.',
    { bet: text, sport: text, stake: money, odds: { type: 'number', minimum: 1 }, in_play: { type: 'boolean' } },
    ['bet', 'sport', 'stake', 'odds'],
  ),
  event(
    'bet_settled',
    'A bet was won or lost; a lost one pays out 0.',
    { bet: text, sport: text, stake: money, payout: money },
    ['bet', 'sport', 'stake', 'payout'],
  ),
  call('page', 'A page was loaded, as the `page` call of an SDK reports it.', {
    name: longText,
    category: longText,
    path: longText,
    title: longText,
    url: longText,
    referrer: longText,
    search: longText,
  }),
  call('identify', 'A visitor is known from here on, as the `identify` call of an SDK reports it.', {}),
  metric('pages', {
    title: 'Pages loaded, by SDKs',
    simple: {
      event: 'page',
      agg: 'count',
      filter: { eq: { field: '$bot', value: false } },
      dimensions: [
        { name: 'path', maxCardinality: 100 },
        { name: 'name', maxCardinality: 100 },
      ],
    },
  }),
  metric('page-views', {
    title: 'Page views',
    simple: {
      event: 'page_view',
      agg: 'count',
      dimensions: [{ name: 'page', maxCardinality: 100 }, { name: 'channel' }],
    },
  }),
  metric('visitors', {
    title: 'Visitors',
    simple: {
      event: 'page_view',
      agg: 'count_distinct',
      expr: '$user',
      filter: { eq: { field: '$bot', value: false } },
      dimensions: [{ name: 'channel' }],
    },
  }),
  metric('promo-impressions', {
    title: 'Promo impressions',
    simple: { event: 'promo_impression', agg: 'count', dimensions: [{ name: 'promo' }] },
  }),
  metric('promo-clicks', {
    title: 'Promo clicks',
    simple: { event: 'promo_click', agg: 'count', dimensions: [{ name: 'promo' }] },
  }),
  metric('promo-click-rate', {
    title: 'Promo click rate',
    description: 'Clicks by impressions of the same time.',
    ratio: { numerator: { metric: 'promo-clicks' }, denominator: { metric: 'promo-impressions' } },
  }),
  metric('registrations', {
    title: 'Registrations',
    simple: { event: 'registration', agg: 'count', dimensions: [{ name: 'channel' }] },
  }),
  metric('deposits', {
    title: 'Deposits',
    unit: 'GBP',
    simple: { event: 'deposit', agg: 'sum', expr: 'amount', filter: { eq: { field: 'currency', value: 'GBP' } } },
  }),
  metric('bets', { title: 'Bets', simple: { event: 'bet_placed', agg: 'count', dimensions: bySport } }),
  metric('turnover', {
    title: 'Turnover',
    unit: 'GBP',
    simple: { event: 'bet_placed', agg: 'sum', expr: 'stake', dimensions: bySport },
  }),
  metric('average-stake', {
    title: 'Average stake',
    unit: 'GBP',
    ratio: { numerator: { metric: 'turnover' }, denominator: { metric: 'bets' } },
  }),
  metric('stake-p95', {
    title: 'Stake, 95th percentile',
    unit: 'GBP',
    simple: { event: 'bet_placed', agg: 'percentile', expr: 'stake', percentile: 0.95 },
  }),
  metric('gross-gaming-revenue', {
    title: 'Gross gaming revenue',
    description: 'Stakes of settled bets less what they paid out.',
    unit: 'GBP',
    simple: { event: 'bet_settled', agg: 'sum', expr: 'stake - payout', dimensions: bySport },
  }),
  metric('turnover-today', {
    title: 'Turnover today',
    unit: 'GBP',
    cumulative: { metric: 'turnover', grainToDate: 'day' },
  }),
  metric('joining', {
    title: 'From a visit to a bet',
    funnel: {
      order: 'ordered',
      window: '7d',
      steps: [
        { name: 'visits', event: 'page_view' },
        { name: 'joins', event: 'registration' },
        { name: 'deposits', event: 'deposit' },
        { name: 'bets', event: 'bet_placed' },
      ],
    },
  }),
];
