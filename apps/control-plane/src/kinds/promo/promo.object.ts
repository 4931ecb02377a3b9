import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { CallToAction as CallToActionShape, Image as ImageShape, Json, PromoBody } from '@paddock/contracts';
import { JsonScalar } from '@paddock/graphql';
import { Audience, Schedule } from '../targeting/targeting.object.js';

@ObjectType({ description: 'A picture.' })
export class Image implements ImageShape {
  @Field({ description: 'An `https:` address or a path on the own site.' }) url: string;
  @Field({ description: 'Text alternative of the image.' }) alt: string;
}

@ObjectType({ description: 'The button or link that a promo leads to.' })
export class CallToAction implements CallToActionShape {
  @Field({ description: 'Its text.' }) label: string;
  @Field({ description: 'An `https:` address or a path on the own site.' }) href: string;
}

@ObjectType({ description: 'A promo: a piece of content that layouts place on pages.' })
export class Promo implements PromoBody {
  @Field({ description: 'Its title.' }) title: string;
  @Field(() => String, { nullable: true, description: 'A second line.' }) subtitle?: string;
  @Field(() => String, { nullable: true, description: 'Markdown, as written.' }) text?: string;
  @Field(() => Image, { nullable: true, description: 'Its picture.' }) image?: Image;
  @Field(() => CallToAction, { nullable: true, description: 'Its link.' }) cta?: CallToAction;
  @Field(() => String, { nullable: true, description: 'A few words such as `New`.' }) badge?: string;
  @Field(() => String, { nullable: true, description: 'Terms and conditions as plain text.' }) terms?: string;
  @Field(() => [String], { nullable: true, description: 'Keys by which layouts choose it.' }) tags?: string[];
  @Field(() => Int, {
    nullable: true,
    description: 'Higher comes first where promos are chosen by tag; absent counts as 0.',
  })
  priority?: number;
  @Field(() => Audience, { nullable: true, description: 'Who sees it; absent: all visitors.' }) audience?: Audience;
  @Field(() => Schedule, { nullable: true, description: 'When it is shown; absent, always.' }) schedule?: Schedule;
  @Field(() => String, { nullable: true, description: 'Key of the component that renders it.' }) component?: string;
  @Field(() => JsonScalar, { nullable: true, description: 'Props of the component.' }) props?: {
    [name: string]: Json;
  };
}

export function toPromo(body: PromoBody): Promo {
  return Object.assign(new Promo(), body);
}
