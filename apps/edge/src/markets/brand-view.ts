import type {
  MarketDefinition,
  MarketStatus,
  RuleEffect,
  SuspendedDisplay,
  SuspensionReason,
} from '@paddock/contracts';
import type { CompiledRule } from '@paddock/visibility';
import type { LiveMarket } from './live-market.js';
import type { MarketPolicy, Verdict } from './market-policy.js';

/** A market as one view shows it; `undefined` where it is hidden or over, which look the same. */
export interface Shown {
  /** Rises with everything that is sent of the market. The integer counts changes of the log; the fraction, changes in this view alone. */
  readonly v: number;
  readonly st: MarketStatus;
  readonly sr: SuspensionReason | null;
  readonly featured: boolean;
  readonly display: SuspendedDisplay;
}

/** A market whose effect a release or a schedule changed. */
export interface Transition {
  readonly market: LiveMarket;
  readonly before: RuleEffect;
  readonly after: RuleEffect;
}

interface Known extends Verdict {
  /** The definition that it was decided by. */
  readonly def: MarketDefinition;
}

/** A change that is not in the log raises `v` by the time since the market's last update: one of these per 10 ms. */
const FRACTION = 1e-9;
const MAX_FRACTION = 0.999;

/**
 * Market visibility for one site and jurisdiction. Rules are decided as of {@link evaluatedAt}; the verdict holds until
 * {@link evaluate} is called, which returns what changed: a schedule's boundary is an event like any other.
 */
export class BrandView {
  private readonly verdicts = new Map<LiveMarket, Known>();
  private readonly bumps = new Map<LiveMarket, { readonly of: number; readonly v: number }>();
  private nextBoundary = Infinity;
  /** Earlier rules by name: a reader may resume from what it saw under them. */
  private readonly policies = new Map<string, MarketPolicy>();

  constructor(
    /** `environment/site/jurisdiction`: names the view among all of this installation. */
    readonly name: string,
    public policy: MarketPolicy,
    public evaluatedAt: number,
  ) {
    this.policies.set(policy.rev, policy);
  }

  /** The effect of the rules on a market now. A market without a definition is hidden, because no rule can match it. */
  effectOf(market: LiveMarket): RuleEffect {
    return this.verdictOf(market)?.effect ?? 'HIDE';
  }

  /** The rule that decides a market; featured markets are ordered by it. */
  ruleOf(market: LiveMarket): CompiledRule | undefined {
    return this.verdictOf(market)?.rule;
  }

  /** The effect under an earlier definition. */
  effectUnder(market: LiveMarket, def: MarketDefinition | undefined): RuleEffect {
    return def ? decide(this.policy, market, def, this.evaluatedAt).effect : 'HIDE';
  }

  /** The effect at a given time under given rules; `undefined` when those rules are no longer kept. */
  effectAt(market: LiveMarket, rev: string, at: number): RuleEffect | undefined {
    const policy = this.policies.get(rev);
    const { def } = market.book;
    return policy && (def ? decide(policy, market, def, at).effect : 'HIDE');
  }

  knows(rev: string): boolean {
    return this.policies.has(rev);
  }

  /** `silent`: nothing is heard of the market's partition. */
  show(market: LiveMarket, silent: boolean): Shown | undefined {
    if (market.isOver) return undefined;
    const effect = this.effectOf(market);
    if (effect === 'HIDE') return undefined;
    const { st, sr, feed } = market.book;
    const bump = this.bumps.get(market);
    const shown = {
      v: bump?.of === market.version ? bump.v : market.version,
      featured: effect === 'FEATURE',
      display: this.policy.displayOf(feed),
    };
    if (st === 'OPEN' && effect === 'SUSPEND') return { ...shown, st: 'SUSPENDED', sr: 'OPS' };
    if (st === 'OPEN' && silent) return { ...shown, st: 'SUSPENDED', sr: 'FEED' };
    return { ...shown, st, sr };
  }

  /** Raises `v` where a market looks different without an update of the log, so that no reader takes it for a repetition. */
  bump(market: LiveMarket, now: number): void {
    const { version: v } = market;
    const { at } = market.book;
    const known = this.bumps.get(market);
    const before = known?.of === v ? known.v : v;
    const byTime = v + Math.min(Math.max(Math.ceil((now - at) / 10), 1) * FRACTION, MAX_FRACTION);
    this.bumps.set(market, { of: v, v: byTime > before ? byTime : before + 2 * FRACTION });
  }

  /** The same for readers that resume: `v` may have been raised already. */
  ensureBumped(market: LiveMarket, now: number): void {
    if (this.bumps.get(market)?.of !== market.version) this.bump(market, now);
  }

  /** Has a schedule's boundary passed since the last evaluation? */
  isDue(now: number): boolean {
    return now >= this.nextBoundary;
  }

  /** Evaluates every market again, and returns those whose effect changed. */
  evaluate(markets: Iterable<LiveMarket>, policy: MarketPolicy, now: number): Transition[] {
    const transitions: Transition[] = [];
    const before = new Map(this.verdicts);
    const old = { policy: this.policy, at: this.evaluatedAt };
    this.keep(policy);
    this.policy = policy;
    this.evaluatedAt = now;
    this.verdicts.clear();
    this.nextBoundary = Infinity;
    for (const market of markets) {
      const { def } = market.book;
      if (!def) continue;
      const known = before.get(market);
      const was = known?.def === def ? known.effect : decide(old.policy, market, def, old.at).effect;
      const is = this.effectOf(market);
      if (was === is || market.isOver) continue;
      this.bump(market, now);
      transitions.push({ market, before: was, after: is });
    }
    return transitions;
  }

  /** Forgets a market that is over. */
  forget(market: LiveMarket): void {
    this.verdicts.delete(market);
    this.bumps.delete(market);
  }

  /** Forgets all markets, after they were replaced. */
  forgetAll(): void {
    this.verdicts.clear();
    this.bumps.clear();
    this.nextBoundary = Infinity;
  }

  private verdictOf(market: LiveMarket): Known | undefined {
    const { def } = market.book;
    if (!def) return undefined;
    const known = this.verdicts.get(market);
    if (known?.def === def) return known;
    const verdict = { def, ...decide(this.policy, market, def, this.evaluatedAt) };
    this.verdicts.set(market, verdict);
    this.nextBoundary = Math.min(this.nextBoundary, verdict.until);
    return verdict;
  }

  private keep(policy: MarketPolicy): void {
    this.policies.delete(policy.rev);
    this.policies.set(policy.rev, policy);
    const [oldest] = this.policies.keys();
    if (this.policies.size > MAX_POLICIES && oldest !== undefined) this.policies.delete(oldest);
  }
}

/** As many releases of rules may land while a reader is disconnected. */
const MAX_POLICIES = 16;

function decide(policy: MarketPolicy, { book: { id, event } }: LiveMarket, def: MarketDefinition, at: number): Verdict {
  return policy.decide({ id, event, def }, at);
}
