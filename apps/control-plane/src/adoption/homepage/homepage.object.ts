import { ArgsType, Field, InputType, Int, ObjectType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { Allow, ArrayMaxSize, IsArray, Matches, MaxLength } from 'class-validator';
import { KEY_PATTERN, MAX_KEY_LENGTH } from '@paddock/contracts';
import { JsonScalar } from '@paddock/graphql';
import type { PageItem } from '@paddock/layouts';
import { resultUnion } from '../../graphql/result-union.js';
import { AdoptionInput } from '../../kinds/adoption/adoption.input.js';
import { SourceProblem } from '../source/source.object.js';
import type { Homepage, RenderedPage } from './homepage.js';

@ObjectType({ description: 'An item of a rendered page.' })
export class RenderedItem {
  @Field({ description: '`promo`, `component` or `markets`.' }) type: string;
  @Field(() => String, { nullable: true, description: 'Key of the promo.' }) key: string | null;
  @Field(() => String, { nullable: true, description: 'Title of the promo.' }) title: string | null;
  @Field(() => JsonScalar, { description: 'As the edge would answer it.' }) content: unknown;

  static of(item: PageItem & { key?: string; title?: string }): RenderedItem {
    return Object.assign(new RenderedItem(), {
      type: item.type,
      key: item.key ?? null,
      title: item.title ?? null,
      content: item,
    });
  }
}

@ObjectType({ description: 'A slot of a rendered page.' })
export class RenderedSlot {
  @Field({ description: 'The name of the place.' }) name: string;
  @Field(() => [RenderedItem], { description: 'What it shows, in order.' }) items: RenderedItem[];
}

@ObjectType({
  description: 'A page that would result, rendered by the code of the edge from rows that are not imported yet.',
})
export class RenderedHomepage {
  @Field({ description: 'Key of the site; `*` where the mappings are for all sites.' }) site: string;
  @Field({ description: 'Key of the page.' }) page: string;
  @Field(() => String, {
    nullable: true,
    description: 'The language as the back office writes it; none where it has one alone.',
  })
  language: string | null;
  @Field(() => String, { nullable: true, description: 'The visitor’s language as a BCP 47 tag.' }) locale:
    string | null;
  @Field(() => String, { nullable: true, description: 'The shop as the back office writes it.' }) shop: string | null;
  @Field({ description: 'Do the mappings make a layout of the page? Otherwise every tag is shown as a slot.' })
  hasLayout: boolean;
  @Field(() => Int, { description: 'Promos that some visitors may see, but that have no place on this page.' })
  unplaced: number;
  @Field(() => [RenderedSlot], { description: 'The places of the page.' }) slots: RenderedSlot[];

  static of({
    site,
    page,
    locale,
    hasLayout,
    unplaced,
    body,
    ...rest
  }: RenderedPage & Partial<Pick<Homepage, 'language' | 'shop'>>): RenderedHomepage {
    const slots = body.slots.map(({ name, items }) =>
      Object.assign(new RenderedSlot(), { name, items: items.map(RenderedItem.of) }),
    );
    return Object.assign(new RenderedHomepage(), {
      site,
      page,
      locale: locale ?? null,
      hasLayout,
      unplaced,
      slots,
      language: rest.language ?? null,
      shop: rest.shop ?? null,
    });
  }
}

@ArgsType()
export class HomepageArgs {
  @Field({ defaultValue: 'home', description: 'Key of the page.' })
  @Matches(KEY_PATTERN)
  @MaxLength(MAX_KEY_LENGTH)
  page: string;
}

@InputType()
export class PreviewAdoptionInput {
  @Field(() => [AdoptionInput], {
    description:
      'Mappings whose rows make the page together, as inspectSource proposes them: of promos, and of a layout.',
  })
  @IsArray()
  @ArrayMaxSize(10)
  @Type(() => AdoptionInput)
  @Allow()
  mappings: AdoptionInput[];

  @Field({ defaultValue: 'home', description: 'Key of the page.' })
  @Matches(KEY_PATTERN)
  @MaxLength(MAX_KEY_LENGTH)
  page: string;
}

@ObjectType({ description: 'Pages that rows of a back office would make, before they are imported.' })
export class AdoptionPreview {
  @Field(() => [RenderedHomepage], {
    description: 'One for every site, and of it one for every language that promos are shown to.',
  })
  homepages: RenderedHomepage[];

  static of(pages: readonly RenderedPage[]): AdoptionPreview {
    return Object.assign(new AdoptionPreview(), { homepages: pages.map(RenderedHomepage.of) });
  }
}

export const PreviewAdoptionResult = resultUnion('PreviewAdoption', [AdoptionPreview, SourceProblem]);
