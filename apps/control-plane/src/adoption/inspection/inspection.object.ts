import { Field, InputType, Int, ObjectType } from '@nestjs/graphql';
import { ArrayMaxSize, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { KEY_PATTERN, MAX_KEY_LENGTH } from '@paddock/contracts';
import { IsName } from '../../graphql/is-name.js';
import { resultUnion } from '../../graphql/result-union.js';
import { enumOf } from '../../kinds/rules/enum-of.js';
import { Adoption, toAdoption } from '../../kinds/adoption/adoption.object.js';
import { RenderedHomepage } from '../homepage/homepage.object.js';
import { cellText } from '../mapping/transforms.js';
import { SourceProblem } from '../source/source.object.js';
import type { SampledTable } from './column-roles.js';
import type { Inspection } from './inspector.js';
import type { ReviewedProposal } from './reviewer.js';
import { RISK_EFFECTS, type RiskEffect } from './risk.js';
import { holdsSecret, isSecretName } from './secrets.js';
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

  @Field(() => String, {
    nullable: true,
    description: 'The site that proposed mappings are for; leave it out for all sites.',
  })
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

  @Field(() => String, {
    nullable: true,
    description:
      'The language that proposed mappings take where a back office has several: a BCP 47 tag, or as the back office writes it. Promos are then shown only to readers of that language. Without it, one language is taken for all readers.',
  })
  @IsOptional()
  @IsString()
  @Length(1, 60)
  language?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The shop that proposed mappings take where a back office has several, as it writes it.',
  })
  @IsOptional()
  @IsString()
  @Length(1, 60)
  shop?: string | null;
}

@ObjectType({ description: 'A column as information_schema tells it.' })
export class SourceColumn {
  @Field({ description: 'The name of the column.' }) name: string;
  @Field({ description: 'As declared: `varchar(64)`.' }) type: string;
  @Field({ description: 'May it be NULL?' }) nullable: boolean;
  @Field(() => String, { nullable: true, description: 'The default as SQL.' }) defaultValue: string | null;
  @Field(() => String, { nullable: true, description: 'The character set; null for columns without text.' }) charset:
    string | null;
  @Field(() => String, { nullable: true, description: 'The collation; null for columns without text.' }) collation:
    string | null;
  @Field(() => [String], {
    description: 'Some different values, shortened; empty for columns whose names suggest secrets.',
  })
  samples: string[];
}

@ObjectType({ description: 'A key whose columns together name a row.' })
export class SourceKey {
  @Field({ description: 'The name of the key.' }) name: string;
  @Field(() => [String], { description: 'The columns of the key, in order.' }) columns: string[];
}

@ObjectType({ description: 'A table of a foreign database.' })
export class SourceTable {
  @Field({ description: 'The name of the table.' }) name: string;
  @Field({ description: 'Its storage engine; `VIEW` for views.' }) engine: string;
  @Field({ description: 'Without transactions, a write that is killed half-way leaves what it did.' })
  transactional: boolean;
  @Field(() => Int, { description: 'The estimate of the server itself.' }) estimatedRows: number;
  @Field(() => [String], { description: 'Empty for a table without one.' }) primaryKey: string[];
  @Field(() => [SourceKey], { description: 'The keys by which a row can be named.' }) uniqueKeys: SourceKey[];
  @Field(() => [SourceColumn], { description: 'The columns, in the order of the table.' }) columns: SourceColumn[];

  static of({ schema, rows }: SampledTable): SourceTable {
    const { name, engine, transactional, estimatedRows, primaryKey, uniqueKeys, columns } = schema;
    return Object.assign(new SourceTable(), {
      ...{ name, engine, transactional, estimatedRows, primaryKey, uniqueKeys },
      columns: columns.map((column, at) =>
        toColumn(
          column,
          samples(
            schema,
            column,
            rows.map((row) => row[at] ?? null),
          ),
        ),
      ),
    });
  }
}

const RiskEffectEnum = enumOf(
  RISK_EFFECTS,
  'AdoptionRiskEffect',
  'What would happen to rows of a back office that is adopted.',
  {
    MIXED: 'They stand together with others that they do not belong to.',
    LOST: 'They, or a part of them, do not come over.',
    EXPOSED: 'People see them who may not.',
  },
);

@ObjectType({
  description:
    'An effect of a mapping on rows that a person should check first. It holds no value of a row except its name.',
})
export class AdoptionRisk {
  @Field({ description: 'Stable and machine-readable, such as PASSWORD_PROTECTED; docs/adoption.md lists them.' })
  code: string;
  @Field(() => RiskEffectEnum, { description: 'What would happen, or would have happened.' }) effect: RiskEffect;
  @Field({ description: 'The mapping leaves these rows or values out already.' }) avoided: boolean;
  @Field({ description: 'The table whose rows are counted.' }) table: string;
  @Field(() => String, { nullable: true, description: 'The column that says so; none where it is about whole rows.' })
  column: string | null;
  @Field(() => Int, { description: 'How many rows.' }) count: number;
  @Field(() => [[String]], { description: 'What names some of them.' }) keys: string[][];
  @Field({ description: 'In words.' }) what: string;
}

@ObjectType({
  description: 'A mapping that a table suggests. Take its body to saveDraft, or try it with adoptTable first.',
})
export class MappingProposal {
  @Field({ description: 'The table.' }) table: string;
  @Field(() => Int, { description: '0 to 100.' }) confidence: number;
  @Field(() => [String], { description: 'What speaks for it.' }) reasons: string[];
  @Field(() => [String], { description: 'What to look at before taking it, in words; the risks are among them.' })
  warnings: string[];
  @Field(() => [AdoptionRisk], {
    description: 'What the mapping would lose, mix or show, and what it leaves out for that reason, with counts.',
  })
  risks: AdoptionRisk[];
  @Field(() => Adoption, { description: 'The proposed mapping, which `saveDraft` takes as it is.' }) mapping: Adoption;

  static of({ confidence, reasons, warnings, risks, mapping }: ReviewedProposal): MappingProposal {
    return Object.assign(new MappingProposal(), {
      table: mapping.table,
      confidence,
      reasons,
      warnings,
      risks: risks.map((risk) => Object.assign(new AdoptionRisk(), risk)),
      mapping: toAdoption(mapping),
    });
  }
}

@ObjectType({ description: 'What a foreign database looks like, and what its tables could become.' })
export class SourceInspection {
  @Field({ description: 'Key of the source.' }) source: string;
  @Field(() => [SourceTable], { description: 'The tables of the database.' }) tables: SourceTable[];
  @Field(() => [MappingProposal], { description: 'The most promising first.' }) proposals: MappingProposal[];
  @Field(() => [RenderedHomepage], {
    description:
      'The homepage that the proposals would make, from the first 1,000 rows of each table: for every language and shop.',
  })
  homepages: RenderedHomepage[];
  @Field(() => [String], { description: 'What could not be looked at.' }) notes: string[];

  static of(source: string, { tables, proposals, homepages, notes }: Inspection): SourceInspection {
    return Object.assign(new SourceInspection(), {
      source,
      tables: tables.map(SourceTable.of),
      proposals: proposals.map(MappingProposal.of),
      homepages: homepages.map(RenderedHomepage.of),
      notes,
    });
  }
}

export const InspectSourceResult = resultUnion('InspectSource', [SourceInspection, SourceProblem]);

const SAMPLES = 3;
const SAMPLE_LENGTH = 80;

function toColumn(
  { name, columnType: type, nullable, defaultValue, charset, collation }: ColumnSchema,
  values: string[],
): SourceColumn {
  return Object.assign(new SourceColumn(), { name, type, nullable, defaultValue, charset, collation, samples: values });
}

/** Settings keep their secrets in a column of values, so where names speak of secrets, values beside them stay hidden too. */
function samples({ columns }: TableSchema, column: ColumnSchema, cells: readonly (Buffer | null)[]): string[] {
  const valueOfSetting = /value/i.test(column.name) && columns.some(({ name }) => /key|name/i.test(name));
  if (isSecretName(column.name) || valueOfSetting) return [];
  const texts = cells.flatMap((cell) => {
    const text = cell && cell.length > 0 ? cellText(cell, column) : undefined;
    return text === undefined || holdsSecret(text)
      ? []
      : [text.length > SAMPLE_LENGTH ? `${text.slice(0, SAMPLE_LENGTH)}…` : text];
  });
  return [...new Set(texts)].slice(0, SAMPLES);
}
