import { Field, ObjectType } from '@nestjs/graphql';
import type {
  MarketMatch as MarketMatchShape,
  MarketRuleBody,
  RuleAudience as RuleAudienceShape,
  RuleEffect,
} from '@paddock/contracts';
import { Schedule } from '../targeting/targeting.object.js';
import { RuleEffectEnum } from './market-rule.enums.js';

@ObjectType({ description: 'The markets that a rule is about: those that agree in every field that is given.' })
export class MarketMatch implements MarketMatchShape {
  @Field(() => String, { nullable: true, description: 'The sport.' }) sport?: string;
  @Field(() => String, { nullable: true, description: 'The competition.' }) competition?: string;
  @Field(() => String, { nullable: true, description: 'Global id of the event.' }) event?: string;
  @Field(() => String, { nullable: true, description: 'The type of market.' }) marketType?: string;
  @Field(() => String, { nullable: true, description: 'Global id of the market.' }) market?: string;
  @Field(() => Boolean, { nullable: true, description: 'Every market is meant.' }) everything?: boolean;
  @Field(() => Boolean, { nullable: true, description: 'It may match no known market yet.' }) expected?: boolean;
}

@ObjectType({ description: 'The views that a rule changes, by their client keys.' })
export class RuleAudience implements RuleAudienceShape {
  @Field(() => [String], { nullable: true, description: 'Keys of sites.' }) sites?: string[];
  @Field(() => [String], { nullable: true, description: 'ISO 3166 codes.' }) jurisdictions?: string[];
}

@ObjectType({ description: 'Which markets are seen where, as they are or otherwise.' })
export class MarketRule implements MarketRuleBody {
  @Field(() => MarketMatch, { description: 'The markets.' }) match: MarketMatch;
  @Field(() => RuleAudience, {
    nullable: true,
    description: 'Views that the rule applies to; absent: all views of the document’s site.',
  })
  audience?: RuleAudience;
  @Field(() => Schedule, { nullable: true, description: 'When it holds; absent, always.' }) schedule?: Schedule;
  @Field(() => RuleEffectEnum, { description: 'The effect on these markets.' }) effect: RuleEffect;
  @Field({ description: 'Why; never shown to visitors.' }) reason: string;
}

export function toMarketRule(body: MarketRuleBody): MarketRule {
  return Object.assign(new MarketRule(), body);
}
