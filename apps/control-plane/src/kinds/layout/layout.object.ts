import { Field, Int, ObjectType } from '@nestjs/graphql';
import type {
  Json,
  LayoutBody,
  LayoutItem as LayoutItemShape,
  LayoutSlot as LayoutSlotShape,
} from '@paddock/contracts';
import { JsonScalar } from '@paddock/graphql';
import { Audience, Schedule } from '../targeting/targeting.object.js';

@ObjectType({ description: 'Promos chosen by tag: by priority, the highest first, then by key.' })
export class PromoChoice {
  @Field(() => [String], { description: 'Tags that a promo must all carry.' }) tags: string[];
  @Field(() => Int, { description: 'How many at most.' }) limit: number;
}

@ObjectType({ description: 'Markets chosen by their properties.' })
export class MarketChoice {
  @Field({ description: 'Key of the sport.' }) sport: string;
  @Field(() => String, { nullable: true, description: 'Key of the competition; absent, all of them.' })
  competition?: string;
  @Field(() => Int, { description: 'How many at most.' }) limit: number;
}

@ObjectType({
  description: 'What fills a place in a slot: exactly one of `promo`, `promos`, `component` and `markets`.',
})
export class LayoutItem implements LayoutItemShape {
  @Field(() => String, { nullable: true, description: 'Key of one promo.' }) promo?: string;
  @Field(() => PromoChoice, { nullable: true, description: 'Promos by tag.' }) promos?: PromoChoice;
  @Field(() => String, { nullable: true, description: 'Key of a component that stands by itself.' }) component?: string;
  @Field(() => JsonScalar, { nullable: true, description: 'Props of the component.' }) props?: {
    [name: string]: Json;
  };
  @Field(() => MarketChoice, { nullable: true, description: 'Markets by sport and competition.' })
  markets?: MarketChoice;
  @Field(() => Audience, { nullable: true, description: 'Who sees this item; absent: all visitors.' })
  audience?: Audience;
  @Field(() => Schedule, { nullable: true, description: 'When this item is shown; absent, always.' })
  schedule?: Schedule;
}

@ObjectType({ description: 'A named part of a page.' })
export class LayoutSlot implements LayoutSlotShape {
  @Field({ description: 'Unique within the layout.' }) name: string;
  @Field(() => [LayoutItem], { description: 'What fills it, in this order.' }) items: LayoutItem[];
}

@ObjectType({ description: 'What stands where on a page.' })
export class Layout implements LayoutBody {
  @Field({ description: 'Key of the page.' }) page: string;
  @Field(() => [LayoutSlot], { description: 'The parts of the page, in this order.' }) slots: LayoutSlot[];
}

export function toLayout(body: LayoutBody): Layout {
  return Object.assign(new Layout(), body);
}
