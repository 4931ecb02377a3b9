import { Field, InputType, Int, ObjectType } from '@nestjs/graphql';
import { ArrayMaxSize, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { KEY_PATTERN, MAX_KEY_LENGTH } from '#contracts';
import { IsName } from '../../graphql/is-name.js';
import { resultUnion } from '../../graphql/result-union.js';
import { Adoption, toAdoption } from '../../kinds/adoption/adoption.object.js';
import { cellText } from '../mapping/transforms.js';
import { SourceProblem } from '../source/source.object.js';
import type { SampledTable } from './column-roles.js';
import type { Inspection } from './inspector.js';
import type { Proposal } from './proposal.js';
import type { ColumnSchema, TableSchema } from './table-schema.js';

@InputType()
export class InspectSourceInput {
  @Field({ description: 'Key of the source.' })
  @IsName({ max: MAX_KEY_LENGTH })
  source: string;

  @Field(() => [String], { nullable: true, description: 'Look at these tables alone.' })
  @IsOptional()
  @IsString({ each: true })
  @MaxLength(64, { each: true })
  @ArrayMaxSize(500)
  tables?: string[] | null;

  @Field(() => String, { nullable: true, description: 'The site that proposed mappings are for; leave it out for all sites.' })
  @IsOptional()
  @Matches(KEY_PATTERN)
  @MaxLength(MAX_KEY_LENGTH)
  site?: string | null;

  @Field({ defaultValue: 'production', description: 'The environment that proposed mappings are for.' })
  @IsString()
  @Length(1, 40)
  environment: string;

  @Field({ defaultValue: 'UTC', description: 'The IANA zone in which the back office writes its dates.' })
  @IsString()
  @Length(1, 60)
  timeZone: string;
}

@ObjectType({ description: 'A column as information_schema tells it.' })
export class SourceColumn {
  @Field() name: string;
  @Field({ description: 'As declared: `varchar(64)`.' }) type: string;
  @Field() nullable: boolean;
  @Field(() => String, { nullable: true, description: 'The default as SQL.' }) defaultValue: string | null;
  @Field(() => String, { nullable: true }) charset: string | null;
  @Field(() => String, { nullable: true }) collation: string | null;
  @Field(() => [String], { description: 'Some different values, shortened; none of columns whose names speak of secrets.' }) samples: string[];
}

@ObjectType({ description: 'A key whose columns together name a row.' })
export class SourceKey {
  @Field() name: string;
  @Field(() => [String]) columns: string[];
}

@ObjectType({ description: 'A table of a foreign database.' })
export class SourceTable {
  @Field() name: string;
  @Field({ description: 'Its storage engine; `VIEW` for views.' }) engine: string;
  @Field({ description: 'Without transactions, a write that is killed half-way leaves what it did.' }) transactional: boolean;
  @Field(() => Int, { description: 'The estimate of the server itself.' }) estimatedRows: number;
  @Field(() => [String], { description: 'Empty where it has none.' }) primaryKey: string[];
  @Field(() => [SourceKey]) uniqueKeys: SourceKey[];
  @Field(() => [SourceColumn]) columns: SourceColumn[];

  static of({ schema, rows }: SampledTable): SourceTable {
    const { name, engine, transactional, estimatedRows, primaryKey, uniqueKeys, columns } = schema;
    return Object.assign(new SourceTable(), {
      ...{ name, engine, transactional, estimatedRows, primaryKey, uniqueKeys },
      columns: columns.map((column, at) => toColumn(column, samples(schema, column, rows.map((row) => row[at] ?? null)))),
    });
  }
}

@ObjectType({ description: 'A mapping that a table suggests. Take its body to saveDraft, or try it with adoptTable first.' })
export class MappingProposal {
  @Field({ description: 'The table.' }) table: string;
  @Field(() => Int, { description: '0 to 100.' }) confidence: number;
  @Field(() => [String], { description: 'What speaks for it.' }) reasons: string[];
  @Field(() => [String], { description: 'What to look at before taking it.' }) warnings: string[];
  @Field(() => Adoption) mapping: Adoption;

  static of({ confidence, reasons, warnings, mapping }: Proposal): MappingProposal {
    return Object.assign(new MappingProposal(), { table: mapping.table, confidence, reasons, warnings, mapping: toAdoption(mapping) });
  }
}

@ObjectType({ description: 'What a foreign database looks like, and what its tables could become.' })
export class SourceInspection {
  @Field({ description: 'Key of the source.' }) source: string;
  @Field(() => [SourceTable]) tables: SourceTable[];
  @Field(() => [MappingProposal], { description: 'The most promising first.' }) proposals: MappingProposal[];
  @Field(() => [String], { description: 'What could not be looked at.' }) notes: string[];

  static of(source: string, { tables, proposals, notes }: Inspection): SourceInspection {
    return Object.assign(new SourceInspection(), { source, tables: tables.map(SourceTable.of), proposals: proposals.map(MappingProposal.of), notes });
  }
}

export const InspectSourceResult = resultUnion('InspectSource', [SourceInspection, SourceProblem]);

const SAMPLES = 3;
const SAMPLE_LENGTH = 80;
const SECRET = /pass(?:word|wd)?|secret|token|hash|salt|credential|api_?key|private/i;

function toColumn({ name, columnType: type, nullable, defaultValue, charset, collation }: ColumnSchema, values: string[]): SourceColumn {
  return Object.assign(new SourceColumn(), { name, type, nullable, defaultValue, charset, collation, samples: values });
}

/** Settings keep their secrets in a column of values, so where names speak of secrets, values beside them stay hidden too. */
function samples({ columns }: TableSchema, column: ColumnSchema, cells: readonly (Buffer | null)[]): string[] {
  const valueOfSetting = /value/i.test(column.name) && columns.some(({ name }) => /key|name/i.test(name));
  if (SECRET.test(column.name) || valueOfSetting) return [];
  const texts = cells.flatMap((cell) => {
    const text = cell && cell.length > 0 ? cellText(cell, column) : undefined;
    return text === undefined ? [] : [text.length > SAMPLE_LENGTH ? `${text.slice(0, SAMPLE_LENGTH)}…` : text];
  });
  return [...new Set(texts)].slice(0, SAMPLES);
}
