import { Field, InputType, Int } from '@nestjs/graphql';
import { IsOptional } from 'class-validator';
import type { CallToAction, Image, Json, PromoBody } from '@paddock/contracts';
import { JsonScalar } from '@paddock/graphql';
import { FreeJson } from '../rules/free-json.js';
import { Integer } from '../rules/integer.js';
import { Nested } from '../rules/nested.js';
import { ImageAddress, Key, Keys, Link, RichText, Text } from '../rules/text.js';
import { AudienceField, AudienceInput, ScheduleField, ScheduleInput } from '../targeting/targeting.input.js';

@InputType({ description: 'A picture.' })
export class ImageInput implements Image {
  @Field({ description: 'An `https:` address or a path on the own site; no SVG, which may hold scripts.' })
  @ImageAddress()
  url: string;

  @Field({
    description: 'Text alternative of the image; empty for a decoration. At most 300 characters.',
  })
  @Text({ max: 300 })
  alt: string;
}

@InputType({ description: 'The button or link that a promo leads to.' })
export class CallToActionInput implements CallToAction {
  @Field({ description: 'Its text. At most 80 characters.' })
  @Text({ max: 80, filled: true })
  label: string;

  @Field({ description: 'An `https:` address or a path on the own site.' })
  @Link()
  href: string;
}

@InputType({ description: 'A promo: a piece of content that layouts place on pages.' })
export class PromoInput implements PromoBody {
  @Field({ description: 'At most 200 characters.' })
  @Text({ max: 200, filled: true })
  title: string;

  @Field(() => String, { nullable: true, description: 'At most 300 characters.' })
  @IsOptional()
  @Text({ max: 300 })
  subtitle?: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Markdown: paragraphs, headings of level 2 to 4, lists, emphasis, strong, inline code, links, images. No HTML. At most 20,000 characters. Stored as written, delivered as a tree.',
  })
  @IsOptional()
  @RichText()
  text?: string;

  @Field(() => ImageInput, { nullable: true, description: 'Its picture.' })
  @IsOptional()
  @Nested(() => ImageInput)
  image?: ImageInput;

  @Field(() => CallToActionInput, { nullable: true, description: 'Its link.' })
  @IsOptional()
  @Nested(() => CallToActionInput)
  cta?: CallToActionInput;

  @Field(() => String, { nullable: true, description: 'A few words such as `New`. At most 40 characters.' })
  @IsOptional()
  @Text({ max: 40 })
  badge?: string;

  @Field(() => String, { nullable: true, description: 'Terms and conditions as plain text. At most 5,000 characters.' })
  @IsOptional()
  @Text({ max: 5_000, lines: true })
  terms?: string;

  @Field(() => [String], { nullable: true, description: 'Keys by which layouts choose it; at most 50, each once.' })
  @IsOptional()
  @Keys({ min: 0, max: 50 })
  tags?: string[];

  @Field(() => Int, {
    nullable: true,
    description: 'Higher comes first where promos are chosen by tag; absent counts as 0. -1,000,000 to 1,000,000.',
  })
  @IsOptional()
  @Integer(-1_000_000, 1_000_000)
  priority?: number;

  @Field(() => AudienceInput, { nullable: true, description: 'Who sees it; absent: all visitors.' })
  @IsOptional()
  @AudienceField()
  audience?: AudienceInput;

  @Field(() => ScheduleInput, { nullable: true, description: 'When it is shown; absent, always.' })
  @IsOptional()
  @ScheduleField()
  schedule?: ScheduleInput;

  @Field(() => String, { nullable: true, description: 'Key of the component that renders it.' })
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
}
