import { Field, Int, ObjectType } from '@nestjs/graphql';
import type {
  AdoptedDocuments as DocumentsShape,
  AdoptedKind,
  AdoptionBody,
  AdoptionField as FieldShape,
  AdoptionFilter as FilterShape,
  AdoptionJoin as JoinShape,
  AdoptionMirror as MirrorShape,
  AdoptionMode,
  AdoptionTransform as TransformShape,
  BadValues,
  ColumnEncoding,
  FilterOperator,
  HttpLinks,
  LineBreaks,
  MirrorPolicy,
  ShortCodes,
  TransformType,
  ValueFormat,
} from '@paddock/contracts';
import { JsonScalar } from '@paddock/graphql';
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

@ObjectType({ description: 'A value of a column, and the value of the document.' })
export class ValuePair {
  @Field({ description: 'The value in the column.' }) column: string;
  @Field({ description: 'The value in the document.' }) field: string;
}

@ObjectType({ description: 'How a column becomes a field.' })
export class AdoptionTransform implements TransformShape {
  @Field(() => TransformTypeEnum, { description: 'Type of the transform.' }) type: TransformType;
  @Field(() => [String], { nullable: true, description: 'Values that mean "none".' }) none?: string[];
  @Field(() => String, { nullable: true, description: 'The zone of the back office.' }) timeZone?: string;
  @Field(() => String, { nullable: true, description: 'A prefix that is added to the value.' }) prefix?: string;
  @Field(() => Int, { nullable: true, description: 'The priority of sort order 0.' }) top?: number;
  @Field(() => String, { nullable: true, description: 'The value of rows that are shown.' }) shown?: string;
  @Field(() => String, { nullable: true, description: 'The value of rows that are not.' }) hidden?: string;
  @Field(() => HttpLinksEnum, { nullable: true, description: 'Treatment of addresses that begin with http:.' })
  httpLinks?: HttpLinks;
  @Field(() => LineBreaksEnum, { nullable: true, description: 'Line breaks, if not line feeds.' })
  lineBreaks?: LineBreaks;
  @Field(() => [ValuePair], { nullable: true, description: 'Every value with its result.' }) values?: ValuePair[];
  @Field(() => [ShortCodesEnum], {
    nullable: true,
    description: 'Placeholders of the back office that are taken out of the text.',
  })
  shortCodes?: ShortCodes[];
}

@ObjectType({ description: 'One column, and the field that it becomes.' })
export class AdoptionField implements FieldShape {
  @Field({ description: 'Path in the body.' }) field: string;
  @Field({ description: 'A column of the table, or `name.column` of a joined one.' }) column: string;
  @Field(() => String, { nullable: true, description: 'Where in a column that holds several values this one is.' })
  path?: string;
  @Field(() => ValueFormatEnum, { nullable: true, description: 'How the column holds its values; JSON unless given.' })
  format?: ValueFormat;
  @Field(() => AdoptionTransform, { description: 'How the column becomes the field.' }) transform: AdoptionTransform;
  @Field(() => ColumnEncodingEnum, { nullable: true, description: 'The real encoding of the bytes.' })
  encoding?: ColumnEncoding;
  @Field(() => BadValuesEnum, { nullable: true, description: 'Extent of the rejection of a bad value.' })
  badValues?: BadValues;
  @Field(() => Boolean, { nullable: true, description: 'Read, but never written back.' }) readOnly?: boolean;
}

@ObjectType({ description: 'A condition that rows must meet.' })
export class AdoptionFilter implements FilterShape {
  @Field({ description: 'The column.' }) column: string;
  @Field(() => FilterOperatorEnum, { description: 'How it compares.' }) operator: FilterOperator;
  @Field(() => [String], { nullable: true, description: 'For IN and NOT_IN.' }) values?: string[];
}

@ObjectType({ description: 'Columns that name the same thing in both tables.' })
export class JoinPair {
  @Field({ description: 'The column.' }) column: string;
  @Field({ description: 'Of the joined table.' }) joined: string;
}

@ObjectType({ description: 'Another table that says something about the same documents.' })
export class AdoptionJoin implements JoinShape {
  @Field({ description: 'Name of the table.' }) table: string;
  @Field(() => String, { nullable: true, description: 'Its name in `name.column`.' }) as?: string;
  @Field(() => [JoinPair], { description: 'Columns that name the same thing in both tables.' }) on: JoinPair[];
  @Field(() => [AdoptionFilter], { nullable: true, description: 'Conditions that rows must meet.' })
  where?: AdoptionFilter[];
  @Field(() => Boolean, {
    nullable: true,
    description: 'Rows without a partner that meets the conditions are left out.',
  })
  required?: boolean;
}

@ObjectType({ description: 'The documents that rows become.' })
export class AdoptedDocuments implements DocumentsShape {
  @Field(() => AdoptedKindEnum, { description: 'The kind of document.' }) kind: AdoptedKind;
  @Field(() => String, { nullable: true, description: 'Absent for all sites.' }) site?: string;
  @Field({ description: 'What their keys begin with.' }) keyPrefix: string;
  @Field(() => [String], { nullable: true, description: 'Columns whose values rows of one document share.' })
  gatherBy?: string[];
}

@ObjectType({ description: 'How the old table is followed.' })
export class AdoptionMirror implements MirrorShape {
  @Field(() => Int, { description: 'Seconds from the end of one scan to the next.' }) everySeconds: number;
  @Field(() => MirrorPolicyEnum, { description: 'The result of a change.' }) policy: MirrorPolicy;
}

@ObjectType({ description: 'A field that is the same in every document.' })
export class FixedField {
  @Field({ description: 'Path of the field.' }) field: string;
  @Field(() => JsonScalar, { description: 'A text or a whole number.' }) value: string | number;
}

@ObjectType({ description: 'How a table of an existing back office becomes documents, and who may change it.' })
export class Adoption implements AdoptionBody {
  @Field({ description: 'What people call it.' }) name: string;
  @Field({ description: 'Key of the source that has the table.' }) source: string;
  @Field({ description: 'The environment that it works for.' }) environment: string;
  @Field(() => AdoptionModeEnum, { description: 'Who may change the rows.' }) mode: AdoptionMode;
  @Field({ description: 'Name of the table.' }) table: string;
  @Field(() => [String], { description: 'Columns whose values together identify a row.' }) key: string[];
  @Field(() => AdoptionJoin, { nullable: true, description: 'A second table.' }) join?: AdoptionJoin;
  @Field(() => [AdoptionJoin], { nullable: true, description: 'Further joined tables.' }) joins?: AdoptionJoin[];
  @Field(() => [AdoptionFilter], { nullable: true, description: 'Conditions that rows must meet.' })
  where?: AdoptionFilter[];
  @Field(() => AdoptedDocuments, { description: 'The documents that rows become.' }) documents: AdoptedDocuments;
  @Field(() => [AdoptionField], { description: 'Columns and the fields that they become.' }) fields: AdoptionField[];
  @Field(() => [FixedField], { nullable: true, description: 'Fields that are the same in every document.' })
  fixed?: FixedField[];
  @Field(() => AdoptionMirror, { nullable: true, description: 'How the old table is followed.' })
  mirror?: AdoptionMirror;
  @Field(() => [String], {
    nullable: true,
    description:
      'What writes may set off beside the columns of their documents, by name: foreign keys, triggers and columns of the old database.',
  })
  accepts?: string[];
}

export function toAdoption(body: AdoptionBody): Adoption {
  return Object.assign(new Adoption(), body);
}
