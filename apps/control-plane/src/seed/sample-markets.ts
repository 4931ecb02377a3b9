import { ALL_SITES, type MarketRuleBody, type OddsFeedBody } from '@paddock/contracts';

type SampleMarkets = { key: string; site: string } & (
  { kind: 'odds-feed'; body: OddsFeedBody } | { kind: 'market-rule'; body: MarketRuleBody }
);

/** Prices that move on a machine that has no feed, and what operations would say about such markets. */
export const SAMPLE_MARKETS: readonly SampleMarkets[] = [
  {
    kind: 'odds-feed',
    site: ALL_SITES,
    key: 'sim',
    body: {
      source: { simulator: { seed: 1 } },
      syncWindowMs: 0,
      silenceMs: 10_000,
      suspendedDisplay: 'BLANK',
      enabled: true,
    },
  },
  {
    kind: 'market-rule',
    site: ALL_SITES,
    key: 'no-both-to-score-in-ireland',
    body: {
      match: { sport: 'football', marketType: 'BOTH_TEAMS_TO_SCORE' },
      audience: { jurisdictions: ['IE'] },
      effect: 'HIDE',
      reason: 'A sample: such a market has no licence there.',
    },
  },
  {
    kind: 'market-rule',
    site: 'acme-uk',
    key: 'northern-league-first',
    body: {
      match: { competition: 'Northern League', marketType: 'MATCH_ODDS' },
      effect: 'FEATURE',
      reason: 'A sample: the league that most visitors follow.',
    },
  },
];
