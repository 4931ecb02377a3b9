import { Field, InputType } from '@nestjs/graphql';
import { Allow } from 'class-validator';
import { Transform, Type } from 'class-transformer';
import { AdoptionInput } from './adoption/adoption.input.js';
import { ComponentInput } from './component/component.input.js';
import { EventSchema } from './event-schema/event-schema.body.js';
import { Exploration } from './exploration/exploration.body.js';
import { LayoutInput } from './layout/layout.input.js';
import { MarketRuleInput } from './market-rule/market-rule.input.js';
import { Metric } from './metric/metric.body.js';
import { OddsFeedInput } from './odds-feed/odds-feed.input.js';
import { PromoInput } from './promo/promo.input.js';
import { ProxyUpstreamInput } from './proxy-upstream/proxy-upstream.input.js';

/** class-transformer drops members of free JSON whose names it reserves; a kind that reads plain JSON does without it. */
const AsItCame = (): PropertyDecorator =>
  Transform(({ obj, key }: { obj: Record<string, unknown>; key: string }) => obj[key]);

/** The members carry `@Allow()` rather than `@ValidateNested()`: each kind checks its body itself and says all that is wrong with it. */
@InputType({ isOneOf: true, description: 'The body of a document: exactly one member, named after the kind.' })
export class DocumentBodyInput {
  @Field(() => PromoInput, { nullable: true, description: 'A promo.' })
  @Type(() => PromoInput)
  @Allow()
  promo?: PromoInput;

  @Field(() => ComponentInput, { nullable: true, description: 'A component.' })
  @Type(() => ComponentInput)
  @Allow()
  component?: ComponentInput;

  @Field(() => LayoutInput, { nullable: true, description: 'A layout.' })
  @Type(() => LayoutInput)
  @Allow()
  layout?: LayoutInput;

  @Field(() => AdoptionInput, { nullable: true, description: 'A mapping of a table of an existing back office.' })
  @Type(() => AdoptionInput)
  @Allow()
  adoption?: AdoptionInput;

  @Field(() => EventSchema, { nullable: true, description: 'The contract of an event.' })
  @AsItCame()
  @Allow()
  eventSchema?: EventSchema;

  @Field(() => Metric, { nullable: true, description: 'A metric.' })
  @AsItCame()
  @Allow()
  metric?: Metric;

  @Field(() => Exploration, { nullable: true, description: 'A question to analytics, kept.' })
  @AsItCame()
  @Allow()
  exploration?: Exploration;

  @Field(() => ProxyUpstreamInput, { nullable: true, description: 'A third party’s API behind the proxy.' })
  @Type(() => ProxyUpstreamInput)
  @Allow()
  proxyUpstream?: ProxyUpstreamInput;

  @Field(() => MarketRuleInput, { nullable: true, description: 'A market rule.' })
  @Type(() => MarketRuleInput)
  @Allow()
  marketRule?: MarketRuleInput;

  @Field(() => OddsFeedInput, { nullable: true, description: 'A feed of odds.' })
  @Type(() => OddsFeedInput)
  @Allow()
  oddsFeed?: OddsFeedInput;
}
