import { ArgsType, Field, ID, InputType, Int, registerEnumType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsDate,
  IsEnum,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { type KindName, MAX_KEY_LENGTH } from '@paddock/contracts';
import { IsName } from '../graphql/is-name.js';
import { IsText } from '../graphql/is-text.js';
import { ListArgs } from '../graphql/lists/list-args.js';
import { type Order, OrderBy, orderInput } from '../graphql/lists/order.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../graphql/problems.js';
import { Kind } from './kind.enum.js';
import { TERMS } from './listing/content-facts.js';
import type { DocumentFilter } from './listing/document-filter.js';
import { DOCUMENT_ORDER, type DocumentOrderField } from './listing/document-list.js';
import { DOCUMENT_STATUSES, type DocumentStatusName } from './listing/document-status.js';
import { namedTarget, tagTarget } from './revisions.js';

const STATUS_NAMES = Object.keys(DOCUMENT_STATUSES);
export const DocumentStatus = Object.fromEntries(STATUS_NAMES.map((name) => [name, name]));
registerEnumType(DocumentStatus, {
  name: 'DocumentStatus',
  description:
    'The status of a document in an environment. The first that applies, in the order DRAFT, REMOVED, CHANGED, ENDED, SCHEDULED, HIDDEN, LIVE; SCHEDULED by a release precedes DRAFT and REMOVED.',
  valuesMap: Object.fromEntries(
    Object.entries(DOCUMENT_STATUSES).map(([name, description]) => [name, { description }]),
  ),
});

const DocumentOrder = orderInput('Document', DOCUMENT_ORDER);

/** Values of one filter. */
const MAX_VALUES = 50;
const MAX_ID = 60;
const MAX_TERM = 190;

/** A filter that takes several names, or one. */
function Names(description: string, options: { max: number; ids?: true } = { max: MAX_KEY_LENGTH }): PropertyDecorator {
  const decorators = [
    options.ids
      ? Field(() => [ID], { nullable: true, description })
      : Field(() => [String], { nullable: true, description }),
    IsOptional(),
    IsArray(),
    ArrayMaxSize(MAX_VALUES),
    IsName({ max: options.max, each: true }),
  ];
  return (target, property) => {
    for (const decorate of decorators) decorate(target, property);
  };
}

@InputType({
  description: 'Uses in the draft of a document. All given members must be used.',
})
export class DocumentUsesInput {
  @Names('Keys of promos that it names.') promos?: string[] | null;
  @Names('Keys of components that it names.') components?: string[] | null;
  @Names('Keys of metrics that it names.') metrics?: string[] | null;
  @Names('Names of events that it names, as their schemas spell them.', { max: MAX_TERM }) events?: string[] | null;
  @Names('Tags by which it chooses promos.') promoTags?: string[] | null;
  @Names('Segments that one of its audiences names.') segments?: string[] | null;
  @Names('Sports of its market lists, or of the match of a market rule.', { max: MAX_TERM }) sports?: string[] | null;
  @Names('Competitions of its market lists, or of the match of a market rule.', { max: MAX_TERM }) competitions?:
    string[] | null;
  @Names('Global ids of sports events that a market rule matches.', { max: MAX_TERM }) marketEvents?: string[] | null;
  @Names('Global ids of markets that a market rule matches.', { max: MAX_TERM }) markets?: string[] | null;

  /** The same as terms of the listing. */
  terms(): string[] {
    const terms = (values: readonly string[] | null | undefined, term: (value: string) => string) =>
      (values ?? []).map(term);
    return [
      ...terms(this.promos, (key) => namedTarget('promo', key)),
      ...terms(this.components, (key) => namedTarget('component', key)),
      ...terms(this.metrics, (key) => namedTarget('metric', key)),
      ...terms(this.events, (event) => namedTarget('event-schema', event.toLowerCase())),
      ...terms(this.promoTags, (tag) => tagTarget('promo', tag)),
      ...terms(this.segments, TERMS.segment),
      ...terms(this.sports, TERMS.sport),
      ...terms(this.competitions, TERMS.competition),
      ...terms(this.marketEvents, TERMS.event),
      ...terms(this.markets, TERMS.market),
    ];
  }
}

@ArgsType()
export class DocumentsArgs extends ListArgs {
  @Field(() => Kind, { nullable: true, description: 'Documents of this kind. `kinds` takes several.' })
  @IsOptional()
  @IsEnum(Kind)
  kind?: KindName | null;

  @Field(() => [Kind], { nullable: true, description: 'Documents of one of these kinds.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_VALUES)
  @IsEnum(Kind, { each: true })
  kinds?: KindName[] | null;

  @Field(() => String, { nullable: true, description: 'A site, or `*` for the documents of all sites.' })
  @IsOptional()
  @IsName({ max: MAX_KEY_LENGTH })
  site?: string | null;

  @Field(() => String, { nullable: true, description: 'Part of the label, or the beginning of the key.' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  search?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Consecutive words of the label, the key or any text of the draft or a live body; the last word may be incomplete. Case and accents do not matter.',
  })
  @IsOptional()
  @IsText({ min: 1, max: 200 })
  text?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The environment for `status`, `differsFromLive`, the facet of statuses, and the live bodies that `text` searches.',
  })
  @IsOptional()
  @IsName({ max: 40 })
  environment?: string | null;

  @Field(() => [DocumentStatus], {
    nullable: true,
    description: 'Documents with one of these statuses in `environment`.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_VALUES)
  @IsIn(STATUS_NAMES, { each: true })
  status?: DocumentStatusName[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'True: documents whose draft differs from the live body in `environment`. False: the others.',
  })
  @IsOptional()
  @IsBoolean()
  differsFromLive?: boolean | null;

  @Names('Documents whose draft has all of these tags.') tags?: string[] | null;
  @Names('Documents whose draft was saved last by one of these users or API tokens.', { max: MAX_ID, ids: true })
  author?: string[] | null;
  @Names('Documents whose draft names one of these components.') component?: string[] | null;

  @Field(() => DocumentUsesInput, {
    nullable: true,
    description: 'Documents that use a tag, segment, market or another object.',
  })
  @IsOptional()
  @ValidateNested()
  @Type(() => DocumentUsesInput)
  uses?: DocumentUsesInput | null;

  @Field(() => Date, { nullable: true, description: 'Documents whose draft was saved at this instant or later.' })
  @IsOptional()
  @IsDate()
  updatedSince?: Date | null;

  @OrderBy(DocumentOrder, 'in the order in which they were created')
  orderBy?: Order<DocumentOrderField>[] | null;

  /** @throws ProblemError where a filter needs an environment and has none */
  filter(): DocumentFilter {
    const {
      kind,
      kinds,
      site,
      search,
      text,
      environment,
      status,
      differsFromLive,
      tags,
      author,
      component,
      uses,
      updatedSince,
    } = this;
    const about = { status, differsFromLive };
    const problems = environment
      ? []
      : Object.entries(about).flatMap(([field, value]) => {
          const message = `a document has a ${field} in each environment; say which one in environment`;
          return value === undefined || value === null ? [] : [new FieldProblem('environment', 'REQUIRED', message)];
        });
    if (problems.length > 0) throw new ProblemError(new ValidationProblem(problems));
    const several = kinds && kinds.length > 0 ? kinds : undefined;
    const chosen = kind ? (several ?? [kind]).filter((one) => one === kind) : several;
    return present({
      // An unknown kind finds nothing.
      ...(chosen ? { kinds: chosen } : {}),
      ...{ site, search, text, environment, status, differsFromLive, author, updatedSince },
      tags: tags?.map(TERMS.tag),
      component: component?.map((key) => namedTarget('component', key)),
      uses: uses?.terms(),
    });
  }
}

/** Drops absent conditions: an empty text or list filters nothing. */
function present(filter: { [Name in keyof DocumentFilter]: DocumentFilter[Name] | null | undefined }): DocumentFilter {
  const said = (value: unknown) =>
    value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(filter).filter(([name, value]) => name === 'kinds' || said(value)));
}

@InputType()
export class RestoreRevisionInput {
  @Field(() => ID, { description: 'The document whose draft is replaced.' })
  @IsName({ max: 60 })
  documentId: string;

  @Field(() => Int, { description: 'Number of the revision that becomes the draft again.' })
  @IsInt()
  @Min(1)
  revision: number;

  @Field(() => Int, { description: 'Of the draft that is replaced.' })
  @IsInt()
  @Min(1)
  lockVersion: number;
}
