import { Field, Float, InputType } from '@nestjs/graphql';
import { IsOptional } from 'class-validator';
import type { Audience, Device, Schedule } from '@paddock/contracts';
import { audienceProblems, scheduleProblems, type TargetingProblem, type UncheckedAudience } from '@paddock/audience';
import { Check, type Finding, inTurn, type Rule, wrongType } from '../rules/check.js';
import { Nested } from '../rules/nested.js';

/** A list of texts that is a field of an audience. */
function members(asAudience: (list: string[]) => UncheckedAudience): PropertyDecorator {
  return Check((value) => {
    if (!isTexts(value)) return [wrongType(value, 'a list of texts')];
    return audienceProblems(asAudience(value)).map(withoutField);
  });
}

/** Keys of sites that an audience names. */
export const Sites = (): PropertyDecorator => members((sites) => ({ sites }));

/** Jurisdictions that an audience names. */
export const Jurisdictions = (): PropertyDecorator => members((jurisdictions) => ({ jurisdictions }));

const percentage: Rule = (value) =>
  typeof value === 'number'
    ? audienceProblems({ percentage: value }).map(withoutField)
    : [wrongType(value, 'a number from 0 to 100')];

/** Class-validator has already come to the field, so its name leaves the path: `sites[1]` is `[1]`. */
function withoutField({ path, code, message }: TargetingProblem): Finding {
  return { path: path.replace(/^\w+/, ''), code, message };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((member) => typeof member === 'string');
}

@InputType({
  description: 'Who sees something. Every field that is present must hold; a list holds if one of its members does.',
})
export class AudienceInput implements Audience {
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

  @Field(() => [String], {
    nullable: true,
    description:
      'BCP 47 tags with a registered language and an assigned region; `en` matches `en-GB` too (RFC 4647 basic filtering). At most 200.',
  })
  @IsOptional()
  @members((locales) => ({ locales }))
  locales?: string[];

  @Field(() => [String], { nullable: true, description: '`desktop`, `mobile`, `tablet` or `app`.' })
  @IsOptional()
  @members((devices) => ({ devices }))
  devices?: Device[];

  @Field(() => [String], {
    nullable: true,
    description: 'Keys of segments; the visitor is in at least one of them. At most 200.',
  })
  @IsOptional()
  @members((segments) => ({ segments }))
  segments?: string[];

  @Field(() => Float, {
    nullable: true,
    description:
      'Share of visitors, 0 to 100 with two decimals. Stable per visitor; raising it drops no visitor. Visitors without an id count only at 100.',
  })
  @IsOptional()
  @Check(percentage)
  percentage?: number;
}

const typed: Rule = (value) => (typeof value === 'string' ? [] : [wrongType(value, 'text')]);

/** What only the whole of a schedule shows: gaps in its zone, the order of its ends. */
const schedule: Rule = (value) => {
  if (!(value instanceof ScheduleInput)) return [];
  const { from, to, timeZone } = value;
  if (![from ?? '', to ?? '', timeZone].every((part) => typeof part === 'string')) return [];
  return scheduleProblems({ ...(from == null ? {} : { from }), ...(to == null ? {} : { to }), timeZone });
};

@InputType({
  description:
    'When something is shown, by the clock of a place. Evaluated at the edge: it begins and ends on the second, without a publish.',
})
export class ScheduleInput implements Schedule {
  @Field(() => String, {
    nullable: true,
    description: 'First moment, as local time without offset: `2026-12-24T18:00`. Absent: since ever.',
  })
  @IsOptional()
  @Check(typed)
  from?: string;

  @Field(() => String, {
    nullable: true,
    description: 'Exclusive end of the display, as local time without offset. Absent: no end.',
  })
  @IsOptional()
  @Check(typed)
  to?: string;

  @Field({
    description:
      'IANA name of the zone, such as `Europe/London`, or `UTC`. Where clocks go back, the first of the two moments is meant.',
  })
  @Check(typed)
  timeZone: string;
}

/** Who sees it; absent: all visitors. */
export const AudienceField = (): PropertyDecorator => Nested(() => AudienceInput);

/** When it is shown; absent, always. */
export const ScheduleField = (): PropertyDecorator => Nested(() => ScheduleInput, inTurn(schedule));
