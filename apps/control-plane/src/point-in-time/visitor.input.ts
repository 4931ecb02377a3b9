import { Field, InputType } from '@nestjs/graphql';
import { IsIn, IsOptional } from 'class-validator';
import { DEVICES, type Device, MAX_KEY_LENGTH } from '@paddock/contracts';
import { IsName } from '../graphql/is-name.js';
import { IsJurisdiction, IsLocale } from '../sites/site.object.js';

@InputType({ description: 'A visitor, as audiences see one.' })
export class VisitorInput {
  @Field({ description: 'Key of the site that is visited.' })
  @IsName({ max: MAX_KEY_LENGTH })
  site: string;

  @Field(() => String, {
    nullable: true,
    description: 'A code that ISO 3166 assigns: `GB`, `US-NJ`. Absent: the jurisdiction of the site.',
  })
  @IsOptional()
  @IsJurisdiction()
  jurisdiction?: string | null;

  @Field(() => String, { nullable: true, description: 'BCP 47 tag. Absent: the locale of the site.' })
  @IsOptional()
  @IsLocale()
  locale?: string | null;

  @Field(() => String, { nullable: true, description: '`desktop`, `mobile`, `tablet` or `app`.' })
  @IsOptional()
  @IsIn(DEVICES)
  device?: Device | null;

  @Field(() => [String], { nullable: true, description: 'Keys of the segments that the visitor is in.' })
  @IsOptional()
  @IsName({ max: MAX_KEY_LENGTH, each: true })
  segments?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The stable id that the frontend sends: it decides about percentages. Without one, no share below 100 holds.',
  })
  @IsOptional()
  @IsName()
  id?: string | null;
}
