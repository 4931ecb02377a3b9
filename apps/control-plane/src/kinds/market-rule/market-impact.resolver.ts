import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { PlanInput } from '../../releases/plan.js';
import { Impact } from '../../releases/release.object.js';
import { viewsOf } from '../../releases/unseen.js';
import { LiveMarkets } from './live-markets.js';
import { compiled, LiveRules } from './live-rules.js';
import { impactOnMarkets, momentOf, type RuleChange } from './market-impact.js';
import { MarketImpact } from './market-impact.object.js';

/** Counts of live markets that a release hides, suspends and features, per view. */
@Resolver(() => Impact)
export class MarketImpactResolver {
  constructor(
    private readonly live: LiveMarkets,
    private readonly rules: LiveRules,
  ) {}

  @ResolveField(() => MarketImpact, {
    nullable: true,
    description: 'Its effect on live markets; null where it changes no market rule.',
  })
  async markets(@Parent() { input }: Impact): Promise<MarketImpact | null> {
    if (!input.items.some(({ ref }) => ref.kind === 'market-rule')) return null;
    await this.live.look();
    const { current } = this.live;
    const change = changeOf(input, await this.rules.of(input.environment));
    const at = momentOf(change, input.now.getTime());
    const views =
      current && at !== undefined
        ? await impactOnMarkets(change, current, viewsOf({ clientKeys: [], ...input }), at)
        : [];
    return Object.assign(new MarketImpact(), {
      known: current !== undefined,
      at: at === undefined ? null : new Date(at),
      views,
    });
  }
}

function changeOf(
  { items }: PlanInput,
  live: ReadonlyMap<string, NonNullable<ReturnType<typeof compiled>>>,
): RuleChange {
  const after = new Map(live);
  for (const { documentId, pinned } of items) {
    const rule = pinned && compiled(pinned);
    if (rule) after.set(documentId, rule);
    else after.delete(documentId);
  }
  const changed = items.flatMap(({ documentId }) => [live.get(documentId) ?? [], after.get(documentId) ?? []].flat());
  return { before: [...live.values()], after: [...after.values()], changed };
}
