import { createUnionType, Field, ID, Int, ObjectType } from '@nestjs/graphql';
import type { Json } from '@paddock/contracts';
import { JsonScalar } from '@paddock/graphql';
import type { PageBody, PageItem } from '@paddock/layouts';

@ObjectType({ description: 'A picture.' })
export class Image {
  @Field({ description: '`https:` or a relative path.' }) url: string;
  @Field({ description: 'A text that replaces the picture for visitors who cannot see it.' }) alt: string;
}

@ObjectType({ description: 'A button or link.' })
export class CallToAction {
  @Field({ description: 'The text on it.' }) label: string;
  @Field({ description: '`https:` or a relative path.' }) href: string;
}

@ObjectType({ description: 'A promo, ready to be shown.' })
export class PromoItem {
  @Field({ description: 'The key of the promo.' }) key: string;
  @Field({ description: 'The title.' }) title: string;
  @Field(() => String, { nullable: true, description: 'A line below the title.' }) subtitle?: string;
  @Field(() => JsonScalar, {
    nullable: true,
    description: 'Rich text as a tree of nodes, each with a `type`; never HTML.',
  })
  text?: Json;
  @Field(() => Image, { nullable: true, description: 'The picture of the promo.' }) image?: Image;
  @Field(() => CallToAction, { nullable: true, description: 'The button or link of the promo.' }) cta?: CallToAction;
  @Field(() => String, { nullable: true, description: 'A short mark such as `New`.' }) badge?: string;
  @Field(() => String, { nullable: true, description: 'Terms that must be shown with it.' }) terms?: string;
  @Field(() => [String], { nullable: true, description: 'The tags by which slots choose it.' }) tags?: string[];
  @Field(() => String, { nullable: true, description: 'The component that renders it.' }) component?: string;
  @Field(() => JsonScalar, { nullable: true, description: 'Input of the component.' }) props?: Json;
  @Field(() => String, { nullable: true, description: 'RFC 3339, UTC: from then on it must not be shown.' })
  validUntil?: string;
}

@ObjectType({ description: 'A component with its input.' })
export class ComponentItem {
  @Field({ description: 'The key of the component that renders it.' }) component: string;
  @Field(() => JsonScalar, { nullable: true, description: 'Input of the component.' }) props?: Json;
  @Field(() => String, { nullable: true, description: 'RFC 3339, UTC: from then on it must not be shown.' })
  validUntil?: string;
}

@ObjectType({ description: 'Which markets a slot shows.' })
export class MarketsQuery {
  @Field({ description: 'Only markets of this sport.' }) sport: string;
  @Field(() => String, { nullable: true, description: 'Only markets of this competition.' }) competition?: string;
  @Field(() => Int, { description: 'The maximum number of markets.' }) limit: number;
}

@ObjectType({ description: 'A place for markets.' })
export class MarketsItem {
  @Field(() => MarketsQuery, { description: 'Which markets the layout asks for.' }) query: MarketsQuery;
  @Field(() => [ID], {
    description:
      'The markets that may be seen, featured ones first, then by start: for the filter of `markets` and `marketChanges`.',
  })
  markets: string[];
  @Field(() => String, { nullable: true, description: 'RFC 3339, UTC: from then on it must not be shown.' })
  validUntil?: string;
}

export const LayoutItem = createUnionType({
  name: 'LayoutItem',
  description: 'What can stand in a slot.',
  types: () => [PromoItem, ComponentItem, MarketsItem] as const,
});

@ObjectType({ description: 'A place on a page.' })
export class LayoutSlot {
  @Field({ description: 'The name of the place.' }) name: string;
  @Field(() => [LayoutItem], { description: 'In the order in which they are shown; may be empty.' }) items: (
    PromoItem | ComponentItem | MarketsItem
  )[];
}

@ObjectType({ description: 'A page as one visitor sees it now.' })
export class Layout {
  @Field({ description: 'The key of the site.' }) site: string;
  @Field({ description: 'The name of the page.' }) page: string;
  @Field({ description: 'The environment, such as `production`.' }) environment: string;
  @Field({
    description: 'Names the content alone, as the `ETag` over REST does: an unrelated release does not change it.',
  })
  etag: string;
  @Field(() => Int, { description: 'The release that the answer shows.' }) seq: number;
  @Field(() => String, { nullable: true, description: 'RFC 3339, UTC: when schedules change it next.' }) validUntil:
    string | null;
  @Field(() => [LayoutSlot], { description: 'The places of the page.' }) slots: LayoutSlot[];
}

/** The same content that REST sends, as instances: the union resolves its members by their class. */
export function toLayout(body: PageBody, etag: string, seq: number): Layout {
  const slots = body.slots.map(({ name, items }) =>
    Object.assign(new LayoutSlot(), { name, items: items.map(toItem) }),
  );
  return Object.assign(new Layout(), { ...body, etag, seq, slots });
}

function toItem(item: PageItem): PromoItem | ComponentItem | MarketsItem {
  const { type, ...members } = item;
  if (type === 'promo') return Object.assign(new PromoItem(), members);
  if (type === 'component') return Object.assign(new ComponentItem(), members);
  return Object.assign(new MarketsItem(), members);
}
