import { Field, InputType, Int } from '@nestjs/graphql';
import { IsOptional } from 'class-validator';
import {
  ADOPTED_KINDS,
  type AdoptedDocuments,
  type AdoptedKind,
  ADOPTION_MODES,
  type AdoptionBody,
  type AdoptionField,
  type AdoptionFilter,
  type AdoptionJoin,
  type AdoptionMirror,
  type AdoptionMode,
  type AdoptionTransform,
  BAD_VALUES,
  type BadValues,
  COLUMN_ENCODINGS,
  type ColumnEncoding,
  FILTER_OPERATORS,
  type FilterOperator,
  HTTP_LINKS,
  type HttpLinks,
  LINE_BREAKS,
  type LineBreaks,
  MIRROR_POLICIES,
  type MirrorPolicy,
  SHORT_CODES,
  type ShortCodes,
  TRANSFORM_TYPES,
  type TransformType,
  VALUE_FORMATS,
  type ValueFormat,
} from '@paddock/contracts';
import { JsonScalar } from '@paddock/graphql';
import { Integer } from '../rules/integer.js';
import { Nested, NestedList } from '../rules/nested.js';
import { Key, Text } from '../rules/text.js';
import { Flag, Identifier, KeyPrefix, OneOf, SomeOf, Texts, TextOrNumber, TimeZone } from './adoption-rules.js';
import {
  AdoptedKindEnum,
  AdoptionModeEnum,
  BadValuesEnum,
  ColumnEncodingEnum,
  FilterOperatorEnum,
  HttpLinksEnum,
  LineBreaksEnum,
  MirrorPolicyEnum,
  ShortCodesEnum,
  TransformTypeEnum,
  ValueFormatEnum,
} from './adoption.enums.js';

@InputType({ description: 'A value of a column, and the value of the document.' })
export class ValuePairInput {
  @Field({ description: 'The value in the column.' })
  @Text({ max: 500 })
  column: string;

  @Field({ description: 'The value in the document.' })
  @Text({ max: 500 })
  field: string;
}

@InputType({ description: 'How a column becomes a field. Which options it takes depends on its type.' })
export class AdoptionTransformInput implements AdoptionTransform {
  @Field(() => TransformTypeEnum, { description: 'Type of the transform.' })
  @OneOf(TRANSFORM_TYPES)
  type: TransformType;

  @Field(() => [String], {
    nullable: true,
    description: 'Values that mean "none"; the first is written where a field is absent.',
  })
  @IsOptional()
  @Texts({ max: 20, length: 200 })
  none?: string[];

  @Field(() => String, { nullable: true, description: 'LOCAL_TIME, UNIX_TIME: the IANA zone of the back office.' })
  @IsOptional()
  @TimeZone()
  timeZone?: string;

  @Field(() => String, {
    nullable: true,
    description: 'IMAGE, URL, KEY: a prefix that is added to the value, and removed when it is written back.',
  })
  @IsOptional()
  @Text({ max: 500 })
  prefix?: string;

  @Field(() => Int, { nullable: true, description: 'PRIORITY: the priority of sort order 0.' })
  @IsOptional()
  @Integer(-1_000_000, 1_000_000)
  top?: number;

  @Field(() => String, { nullable: true, description: 'STATUS: the value of rows that are shown; 1 unless given.' })
  @IsOptional()
  @Text({ max: 50 })
  shown?: string;

  @Field(() => String, { nullable: true, description: 'STATUS: the value of rows that are not; 0 unless given.' })
  @IsOptional()
  @Text({ max: 50 })
  hidden?: string;

  @Field(() => HttpLinksEnum, {
    nullable: true,
    description:
      'URL, IMAGE: treatment of addresses that begin with http:, or name a host without a scheme; without it, each one is a bad value.',
  })
  @IsOptional()
  @OneOf(HTTP_LINKS)
  httpLinks?: HttpLinks;

  @Field(() => LineBreaksEnum, {
    nullable: true,
    description: 'TEXT, HTML_TEXT: line breaks, if not line feeds.',
  })
  @IsOptional()
  @OneOf(LINE_BREAKS)
  lineBreaks?: LineBreaks;

  @Field(() => [ValuePairInput], { nullable: true, description: 'VALUES: every value with its result.' })
  @IsOptional()
  @NestedList(() => ValuePairInput, { max: 200 })
  values?: ValuePairInput[];

  @Field(() => [ShortCodesEnum], {
    nullable: true,
    description:
      'Transforms of text: placeholders of the back office to remove from the text; such a field is not written back.',
  })
  @IsOptional()
  @SomeOf(SHORT_CODES)
  shortCodes?: ShortCodes[];
}

@InputType({ description: 'One column, and the field that it becomes.' })
export class AdoptionFieldInput implements AdoptionField {
  @Field({
    description:
      'Path in the body: `title`, `cta.href`, `schedule.from`, `shown`; in gathered documents also `slot`, `item.component`, `setting.name`.',
  })
  @Text({ max: 100, filled: true })
  field: string;

  @Field({ description: 'A column of the table, or `name.column` of a joined one.' })
  @Identifier()
  column: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Path of the value in a column that holds several values: `title`, `images[0].url`, `texts[locale=en].title`, `["de-DE"]`. Such a field is not written back.',
  })
  @IsOptional()
  @Text({ max: 200, filled: true })
  path?: string;

  @Field(() => ValueFormatEnum, {
    nullable: true,
    description: 'With `path`: how the column holds its values; JSON unless given.',
  })
  @IsOptional()
  @OneOf(VALUE_FORMATS)
  format?: ValueFormat;

  @Field(() => AdoptionTransformInput, { description: 'How the column becomes the field.' })
  @Nested(() => AdoptionTransformInput)
  transform: AdoptionTransformInput;

  @Field(() => ColumnEncodingEnum, {
    nullable: true,
    description: 'The real encoding of the bytes, where the column declares another.',
  })
  @IsOptional()
  @OneOf(COLUMN_ENCODINGS)
  encoding?: ColumnEncoding;

  @Field(() => BadValuesEnum, {
    nullable: true,
    description:
      'Extent of the rejection of a bad value. Default: only the value, in fields that the document can lack without a wider audience; in all others the whole row.',
  })
  @IsOptional()
  @OneOf(BAD_VALUES)
  badValues?: BadValues;

  @Field(() => Boolean, { nullable: true, description: 'Read, but never written back.' })
  @IsOptional()
  @Flag()
  readOnly?: boolean;
}

@InputType({ description: 'A condition that rows must meet.' })
export class AdoptionFilterInput implements AdoptionFilter {
  @Field({ description: 'The column.' })
  @Identifier()
  column: string;

  @Field(() => FilterOperatorEnum, { description: 'How it compares.' })
  @OneOf(FILTER_OPERATORS)
  operator: FilterOperator;

  @Field(() => [String], { nullable: true, description: 'For IN and NOT_IN.' })
  @IsOptional()
  @Texts({ max: 1_000, length: 500 })
  values?: string[];
}

@InputType({ description: 'Columns that name the same thing in both tables.' })
export class JoinPairInput {
  @Field({ description: 'Of the table, or `name.column` of a join before this one.' })
  @Identifier()
  column: string;

  @Field({ description: 'Of the joined table.' })
  @Identifier()
  joined: string;
}

@InputType({
  description:
    'Another table that says something about the same documents: texts of one language, the group that a row is in, a picture.',
})
export class AdoptionJoinInput implements AdoptionJoin {
  @Field({ description: 'Name of the table.' })
  @Identifier()
  table: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Its name in `name.column`; the name of the table by default. It distinguishes two joins of one table.',
  })
  @IsOptional()
  @Identifier()
  as?: string;

  @Field(() => [JoinPairInput], { description: 'Columns that name the same thing in both tables.' })
  @NestedList(() => JoinPairInput, { max: 8 })
  on: JoinPairInput[];

  @Field(() => [AdoptionFilterInput], { nullable: true, description: 'Conditions on the joined table.' })
  @IsOptional()
  @NestedList(() => AdoptionFilterInput, { max: 10 })
  where?: AdoptionFilterInput[];

  @Field(() => Boolean, {
    nullable: true,
    description: 'Rows without a partner that meets the conditions are left out.',
  })
  @IsOptional()
  @Flag()
  required?: boolean;
}

@InputType({ description: 'The documents that rows become.' })
export class AdoptedDocumentsInput implements AdoptedDocuments {
  @Field(() => AdoptedKindEnum, { description: 'The kind of document.' })
  @OneOf(ADOPTED_KINDS)
  kind: AdoptedKind;

  @Field(() => String, { nullable: true, description: 'The site that they belong to; leave it out for all sites.' })
  @IsOptional()
  @Key()
  site?: string;

  @Field({ description: "What their keys begin with; the row's key follows." })
  @KeyPrefix()
  keyPrefix: string;

  @Field(() => [String], {
    nullable: true,
    description:
      'Rows that share the values of these columns become one document; an empty list makes one of all of them.',
  })
  @IsOptional()
  @Texts({ max: 5, length: 129 })
  gatherBy?: string[];
}

@InputType({ description: 'How the old table is followed.' })
export class AdoptionMirrorInput implements AdoptionMirror {
  @Field(() => Int, { description: 'Seconds from the end of one scan to the next, 1 to 3600.' })
  @Integer(1, 3_600)
  everySeconds: number;

  @Field(() => MirrorPolicyEnum, { description: 'The result of a change.' })
  @OneOf(MIRROR_POLICIES)
  policy: MirrorPolicy;
}

@InputType({ description: 'A field that is the same in every document.' })
export class FixedFieldInput {
  @Field({ description: 'Path of the field.' })
  @Text({ max: 100, filled: true })
  field: string;

  @Field(() => JsonScalar, { description: 'A text or a whole number.' })
  @TextOrNumber()
  value: string | number;
}

@InputType({ description: 'How a table of an existing back office becomes documents, and who may change it.' })
export class AdoptionInput implements AdoptionBody {
  @Field({ description: 'At most 200 characters.' })
  @Text({ max: 200, filled: true })
  name: string;

  @Field({ description: 'Key of the source that has the table.' })
  @Key()
  source: string;

  @Field({ description: 'The environment that it works for.' })
  @Text({ max: 40, filled: true })
  environment: string;

  @Field(() => AdoptionModeEnum, { description: 'Who may change the rows.' })
  @OneOf(ADOPTION_MODES)
  mode: AdoptionMode;

  @Field({ description: 'Name of the table.' })
  @Identifier()
  table: string;

  @Field(() => [String], { description: 'Columns whose values together identify a row.' })
  @Texts({ max: 8, length: 64 })
  key: string[];

  @Field(() => AdoptionJoinInput, { nullable: true, description: 'A second table.' })
  @IsOptional()
  @Nested(() => AdoptionJoinInput)
  join?: AdoptionJoinInput;

  @Field(() => [AdoptionJoinInput], {
    nullable: true,
    description: 'Further joined tables, after `join`; each may refer to those before it.',
  })
  @IsOptional()
  @NestedList(() => AdoptionJoinInput, { max: 8 })
  joins?: AdoptionJoinInput[];

  @Field(() => [AdoptionFilterInput], { nullable: true, description: 'Conditions that rows must meet, all of them.' })
  @IsOptional()
  @NestedList(() => AdoptionFilterInput, { max: 20 })
  where?: AdoptionFilterInput[];

  @Field(() => AdoptedDocumentsInput, { description: 'The documents that rows become.' })
  @Nested(() => AdoptedDocumentsInput)
  documents: AdoptedDocumentsInput;

  @Field(() => [AdoptionFieldInput], { description: 'Columns and the fields that they become.' })
  @NestedList(() => AdoptionFieldInput, { max: 60 })
  fields: AdoptionFieldInput[];

  @Field(() => [FixedFieldInput], { nullable: true, description: 'Fields that are the same in every document.' })
  @IsOptional()
  @NestedList(() => FixedFieldInput, { max: 60 })
  fixed?: FixedFieldInput[];

  @Field(() => AdoptionMirrorInput, { nullable: true, description: 'Needed in mode MIRROR.' })
  @IsOptional()
  @Nested(() => AdoptionMirrorInput)
  mirror?: AdoptionMirrorInput;

  @Field(() => [String], {
    nullable: true,
    description:
      'Accepted side effects of writes beside the columns of their documents, by name: foreign keys, triggers, and columns that change by themselves (see `AdoptionRun.sideEffects`); columns that may take unescaped text where the back office escapes.',
  })
  @IsOptional()
  @Texts({ max: 50, length: 64 })
  accepts?: string[];
}
