import { Field, InputType } from '@nestjs/graphql';
import { IsOptional } from 'class-validator';
import type { MarketMatch, MarketRuleBody, RuleAudience, RuleEffect } from '@paddock/contracts';
import { Nested } from '../rules/nested.js';
import { Text } from '../rules/text.js';
import { Jurisdictions, ScheduleField, ScheduleInput, Sites } from '../targeting/targeting.input.js';
import { Effect, GlobalId, MarketName, matchFindings, OnlyTrue, viewFindings } from './market-rule-rules.js';
import { RuleEffectEnum } from './market-rule.enums.js';

@InputType({
  description:
    'The markets that a rule is about: those that agree in every field that is given. Values are compared exactly.',
})
export class MarketMatchInput implements MarketMatch {
  @Field(() => String, { nullable: true, description: 'The sport, as markets have it: football.' })
  @IsOptional()
  @MarketName()
  sport?: string;

  @Field(() => String, { nullable: true, description: 'The competition, as markets have it.' })
  @IsOptional()
  @MarketName()
  competition?: string;

  @Field(() => String, {
    nullable: true,
    description: 'Global id of the event: the key of its feed, a colon and the id there.',
  })
  @IsOptional()
  @GlobalId()
  event?: string;

  @Field(() => String, { nullable: true, description: 'The type of market, as its source has it: MATCH_ODDS.' })
  @IsOptional()
  @MarketName()
  marketType?: string;

  @Field(() => String, { nullable: true, description: 'Global id of the market.' })
  @IsOptional()
  @GlobalId()
  market?: string;

  @Field(() => Boolean, {
    nullable: true,
    description: 'True instead of all other fields where every market is meant.',
  })
  @IsOptional()
  @OnlyTrue()
  everything?: boolean;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'True where no such market is known yet, as of an event of tomorrow; without it a rule that matches nothing is not published.',
  })
  @IsOptional()
  @OnlyTrue()
  expected?: boolean;
}

@InputType({
  description: 'The views that a rule changes, by their client keys. A list holds if one of its members does.',
})
export class RuleAudienceInput implements RuleAudience {
  @Field(() => [String], { nullable: true, description: 'Keys of sites, at most 200.' })
  @IsOptional()
  @Sites()
  sites?: string[];

  @Field(() => [String], {
    nullable: true,
    description: 'Codes that ISO 3166 assigns to countries or parts of them: `GB`, `US-NJ`. At most 200.',
  })
  @IsOptional()
  @Jurisdictions()
  jurisdictions?: string[];
}

@InputType({
  description:
    'Which markets are seen where, as they are or otherwise. The most specific match wins (market, event, competition, sport, everything; with a market type before without), at equal specificity the more restrictive effect.',
})
export class MarketRuleInput implements MarketRuleBody {
  @Field(() => MarketMatchInput, { description: 'The markets.' })
  @Nested(() => MarketMatchInput, matchFindings)
  match: MarketMatchInput;

  @Field(() => RuleAudienceInput, {
    nullable: true,
    description: 'Views that the rule applies to; absent: all views of the document’s site.',
  })
  @IsOptional()
  @Nested(() => RuleAudienceInput, viewFindings)
  audience?: RuleAudienceInput;

  @Field(() => ScheduleInput, { nullable: true, description: 'When it holds; absent, always.' })
  @IsOptional()
  @ScheduleField()
  schedule?: ScheduleInput;

  @Field(() => RuleEffectEnum, { description: 'The effect on these markets.' })
  @Effect()
  effect: RuleEffect;

  @Field({ description: 'Why, for those who wonder later; never shown to visitors. At most 500 characters.' })
  @Text({ max: 500, filled: true, lines: true })
  reason: string;
}
