import { Field, InputType, ObjectType } from '@nestjs/graphql';
import { IsString, Matches, MaxLength, registerDecorator } from 'class-validator';
import { jurisdictionMistake, localeMistake } from '@paddock/audience';
import { KEY_PATTERN, MAX_KEY_LENGTH } from '@paddock/contracts';
import { IsText } from '../graphql/is-text.js';
import { NotFoundProblem } from '../graphql/problems.js';
import { resultUnion } from '../graphql/result-union.js';
import type { SiteRow } from './site.entity.js';

/** A code that ISO 3166 assigns to a country or a part of one. */
export const IsJurisdiction = (): PropertyDecorator => IsFreeOf('isJurisdiction', jurisdictionMistake);

/** A BCP 47 tag in its canonical form, with a registered language and an assigned region. */
export const IsLocale = (): PropertyDecorator =>
  IsFreeOf('isLocale', (tag) => {
    const mistake = localeMistake(tag);
    if (mistake !== undefined) return mistake;
    const [canonical] = Intl.getCanonicalLocales(tag);
    return canonical === tag ? undefined : `${JSON.stringify(tag)} is not in canonical form; write ${canonical}`;
  });

/** Refuses texts in which `mistakeOf` finds a mistake, with its words. */
function IsFreeOf(name: string, mistakeOf: (text: string) => string | undefined): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(propertyName),
      validator: {
        validate: (value) => typeof value === 'string' && mistakeOf(value) === undefined,
        defaultMessage: (tried) =>
          typeof tried?.value === 'string' ? (mistakeOf(tried.value) ?? '') : `${tried?.property} must be a text`,
      },
    });
}

@InputType()
export class CreateSiteInput {
  @Field({ description: 'Lower-case words joined by `-`, `_` or `.`; never changes.' })
  @IsString()
  @MaxLength(MAX_KEY_LENGTH)
  @Matches(KEY_PATTERN, { message: 'key must be lower-case letters and digits with single - _ . between them' })
  key: string;

  @Field({ description: 'The name of the site, for people.' }) @IsText({ min: 1, max: 200 }) name: string;

  @Field({ description: 'A code that ISO 3166 assigns to a country or a part of one: `GB`, `US-NJ`.' })
  @IsJurisdiction()
  jurisdiction: string;

  @Field({ description: 'BCP 47: `en-GB`.' }) @IsString() @MaxLength(35) @IsLocale() locale: string;
}

@InputType()
export class UpdateSiteInput extends CreateSiteInput {}

@ObjectType({ description: 'A brand’s storefront in one market.' })
export class Site {
  @Field({ description: 'The key of the site, such as `acme-uk`.' }) key: string;
  @Field({ description: 'The name of the site, for people.' }) name: string;
  @Field({ description: 'The jurisdiction that it is licensed in; ISO 3166.' }) jurisdiction: string;
  @Field({ description: 'BCP 47.' }) locale: string;
  @Field({ description: 'When the site was created.' }) createdAt: Date;

  static of({ key, name, jurisdiction, locale, createdAt }: SiteRow): Site {
    return Object.assign(new Site(), { key, name, jurisdiction, locale, createdAt });
  }
}

export const CreateSiteResult = resultUnion('CreateSite', [Site]);
export const UpdateSiteResult = resultUnion('UpdateSite', [Site, NotFoundProblem]);
