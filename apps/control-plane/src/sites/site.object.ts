import { Field, InputType, ObjectType } from '@nestjs/graphql';
import { IsString, Matches, MaxLength, registerDecorator } from 'class-validator';
import { KEY_PATTERN, MAX_KEY_LENGTH } from '#contracts';
import { IsText } from '../graphql/is-text.js';
import { NotFoundProblem } from '../graphql/problems.js';
import { resultUnion } from '../graphql/result-union.js';
import type { SiteRow } from './site.entity.js';

/** ISO 3166: a country, or a country and a part of it. */
export const JURISDICTION_PATTERN = /^[A-Z]{2}(?:-[A-Z0-9]{1,3})?$/;

/** A BCP 47 tag in its canonical form. */
function IsLocale(): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      name: 'isLocale',
      target: target.constructor,
      propertyName: String(propertyName),
      options: { message: '$value is not a BCP 47 language tag in canonical form, such as en-GB' },
      validator: { validate: (value) => typeof value === 'string' && canonicalLocale(value) === value },
    });
}

function canonicalLocale(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}

@InputType()
export class CreateSiteInput {
  @Field({ description: 'Lower-case words joined by `-`, `_` or `.`; never changes.' })
  @IsString()
  @MaxLength(MAX_KEY_LENGTH)
  @Matches(KEY_PATTERN, { message: 'key must be lower-case letters and digits with single - _ . between them' })
  key: string;

  @Field() @IsText({ min: 1, max: 200 }) name: string;

  @Field({ description: 'ISO 3166: `GB`, `US-NJ`.' })
  @Matches(JURISDICTION_PATTERN, { message: 'jurisdiction must be an ISO 3166 code such as GB or US-NJ' })
  jurisdiction: string;

  @Field({ description: 'BCP 47: `en-GB`.' }) @IsString() @MaxLength(35) @IsLocale() locale: string;
}

@InputType()
export class UpdateSiteInput extends CreateSiteInput {}

@ObjectType({ description: 'A brand’s storefront in one market.' })
export class Site {
  @Field() key: string;
  @Field() name: string;
  @Field({ description: 'The jurisdiction that it is licensed in; ISO 3166.' }) jurisdiction: string;
  @Field({ description: 'BCP 47.' }) locale: string;
  @Field() createdAt: Date;

  static of({ key, name, jurisdiction, locale, createdAt }: SiteRow): Site {
    return Object.assign(new Site(), { key, name, jurisdiction, locale, createdAt });
  }
}

export const CreateSiteResult = resultUnion('CreateSite', [Site]);
export const UpdateSiteResult = resultUnion('UpdateSite', [Site, NotFoundProblem]);
