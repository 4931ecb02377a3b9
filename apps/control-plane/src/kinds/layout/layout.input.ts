import { Field, InputType, Int } from '@nestjs/graphql';
import { IsOptional } from 'class-validator';
import type { Json, LayoutBody, LayoutItem, LayoutSlot } from '@paddock/contracts';
import { JsonScalar } from '@paddock/graphql';
import { FreeJson } from '../rules/free-json.js';
import { Integer } from '../rules/integer.js';
import { Nested, NestedList } from '../rules/nested.js';
import { Key, Keys } from '../rules/text.js';
import { AudienceField, AudienceInput, ScheduleField, ScheduleInput } from '../targeting/targeting.input.js';
import { itemFindings, slotFindings } from './layout-rules.js';

@InputType({ description: 'Promos chosen by tag: by priority, the highest first, then by key.' })
export class PromoChoiceInput {
  @Field(() => [String], { description: 'Tags that a promo must all carry; 1 to 50.' })
  @Keys({ min: 1, max: 50 })
  tags: string[];

  @Field(() => Int, { description: 'How many at most, 1 to 100.' })
  @Integer(1, 100)
  limit: number;
}

@InputType({ description: 'Markets chosen by their properties.' })
export class MarketChoiceInput {
  @Field({ description: 'Key of the sport.' })
  @Key()
  sport: string;

  @Field(() => String, { nullable: true, description: 'Key of the competition; absent, all of them.' })
  @IsOptional()
  @Key()
  competition?: string;

  @Field(() => Int, { description: 'How many at most, 1 to 100.' })
  @Integer(1, 100)
  limit: number;
}

@InputType({
  description: 'What fills a place in a slot: exactly one of `promo`, `promos`, `component` and `markets`.',
})
export class LayoutItemInput implements LayoutItem {
  @Field(() => String, { nullable: true, description: 'Key of one promo.' })
  @IsOptional()
  @Key()
  promo?: string;

  @Field(() => PromoChoiceInput, { nullable: true, description: 'Promos by tag.' })
  @IsOptional()
  @Nested(() => PromoChoiceInput)
  promos?: PromoChoiceInput;

  @Field(() => String, { nullable: true, description: 'Key of a component that stands by itself.' })
  @IsOptional()
  @Key()
  component?: string;

  @Field(() => JsonScalar, {
    nullable: true,
    description:
      'Props of the component, as its `propsSchema` defines them; only together with `component`. At most 64 KB.',
  })
  @IsOptional()
  @FreeJson()
  props?: { [name: string]: Json };

  @Field(() => MarketChoiceInput, { nullable: true, description: 'Markets by sport and competition.' })
  @IsOptional()
  @Nested(() => MarketChoiceInput)
  markets?: MarketChoiceInput;

  @Field(() => AudienceInput, { nullable: true, description: 'Who sees this item; absent: all visitors.' })
  @IsOptional()
  @AudienceField()
  audience?: AudienceInput;

  @Field(() => ScheduleInput, { nullable: true, description: 'When this item is shown; absent, always.' })
  @IsOptional()
  @ScheduleField()
  schedule?: ScheduleInput;
}

@InputType({ description: 'A named part of a page.' })
export class LayoutSlotInput implements LayoutSlot {
  @Field({ description: 'A key, unique within the layout: `hero`.' })
  @Key()
  name: string;

  @Field(() => [LayoutItemInput], { description: 'What fills it, in this order; at most 100.' })
  @NestedList(() => LayoutItemInput, { max: 100 }, itemFindings)
  items: LayoutItemInput[];
}

@InputType({ description: 'What stands where on a page. A site has one live layout per page.' })
export class LayoutInput implements LayoutBody {
  @Field({ description: 'Key of the page: `home`.' })
  @Key()
  page: string;

  @Field(() => [LayoutSlotInput], { description: 'The parts of the page, in this order; at most 50.' })
  @NestedList(() => LayoutSlotInput, { max: 50 }, slotFindings)
  slots: LayoutSlotInput[];
}
