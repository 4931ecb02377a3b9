import { ArgsType, Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { Allow, IsOptional } from 'class-validator';
import { JsonScalar } from '@paddock/graphql';
import { ConnectionOf } from '../../graphql/connection.js';
import { IsName } from '../../graphql/is-name.js';
import { PageArgs } from '../../graphql/page-args.js';
import { NotFoundProblem } from '../../graphql/problems.js';
import { resultUnion } from '../../graphql/result-union.js';
import { AdoptionInput } from '../../kinds/adoption/adoption.input.js';
import type { AdoptionRunRow } from '../adoption.entity.js';
import { SourceProblem } from '../source/source.object.js';
import type { ForeseenEffect } from '../inspection/side-effects.js';
import type { Candidate } from './candidates.js';
import type { RunProblem } from './run-progress.js';

@InputType()
export class AdoptTableInput {
  @Field(() => ID, { nullable: true, description: 'Document id of a mapping; its draft is what runs.' })
  @IsOptional()
  @IsName({ max: 60 })
  mapping?: string | null;

  @Field(() => AdoptionInput, {
    nullable: true,
    description: 'A mapping that is no document yet, for dry runs: as inspectSource proposes it.',
  })
  @IsOptional()
  @Type(() => AdoptionInput)
  @Allow()
  body?: AdoptionInput | null;
}

/** What a run can look like from outside: a killed one stops being renewed. */
export const RunState = { RUNNING: 'RUNNING', DONE: 'DONE', FAILED: 'FAILED', INTERRUPTED: 'INTERRUPTED' } as const;
registerEnumType(RunState, {
  name: 'AdoptionRunState',
  description: 'State of a run; INTERRUPTED if its process died: a new run continues from the stored rows.',
});

const RowOutcome = {
  ROW_REFUSED: 'ROW_REFUSED',
  VALUE_LEFT_OUT: 'VALUE_LEFT_OUT',
  SETTING_LEFT_OUT: 'SETTING_LEFT_OUT',
} as const;
registerEnumType(RowOutcome, {
  name: 'AdoptionRowOutcome',
  description:
    'What a problem of a row took along. ROW_REFUSED: the row becomes no document; VALUE_LEFT_OUT: its document is made without this value; SETTING_LEFT_OUT: its component is made without this setting.',
});

@ObjectType({ description: 'A value of a row that cannot become what its field needs, and what that took along.' })
export class AdoptionRowProblem {
  @Field(() => [String], { description: 'What names the row.' }) key: string[];
  @Field({ description: 'The column; empty where it is about the whole row.' }) column: string;
  @Field(() => String, { nullable: true, description: 'What stands there, shortened; none for NULL.' }) value:
    string | null;
  @Field({ description: 'Stable and machine-readable.' }) code: string;
  @Field({ description: 'In words.' }) why: string;
  @Field(() => RowOutcome, { description: 'What it took along.' }) outcome: keyof typeof RowOutcome;
}

@ObjectType({ description: 'What was left out of a row, because no promo may have it.' })
export class AdoptionRemoval {
  @Field(() => [String], { description: 'What names the row.' }) key: string[];
  @Field({ description: 'The column whose text it was in.' }) column: string;
  @Field({ description: 'Such as `<script> with its content`.' }) what: string;
}

@ObjectType({ description: 'Something else that changes in the old database when a row of the table is written.' })
export class AdoptionSideEffect {
  @Field({ description: 'Name of the foreign key, trigger or column; a mapping names it in `accepts`.' }) name: string;
  @Field({
    description: 'FOREIGN_KEY, TRIGGER, or COLUMN: a column whose value the database itself sets.',
  })
  cause: string;
  @Field({ description: 'INSERT, UPDATE or DELETE.' }) on: string;
  @Field({
    description:
      'The table whose rows refer to this one, or to another one in this list; of a trigger or a column, its own.',
  })
  table: string;
  @Field(() => Int, {
    nullable: true,
    description:
      'How many rows refer by the foreign key; none for triggers and columns, and where they may not be read.',
  })
  rows: number | null;
  @Field({ description: 'In words.' }) what: string;
  @Field({ description: 'Does the mapping accept it?' }) accepted: boolean;
}

@ObjectType({ description: 'A row, or the rows of one document, and what they become.' })
export class AdoptedRowPreview {
  @Field(() => [[String]], { description: 'What names each row.' }) keys: string[][];
  @Field(() => String, { nullable: true, description: 'Key of the document.' }) documentKey: string | null;
  @Field(() => JsonScalar, { nullable: true, description: 'Its body; none where the rows cannot become a document.' })
  body: unknown;
  @Field(() => [AdoptionRowProblem], { description: 'What keeps a row or a value from being imported.' })
  problems: AdoptionRowProblem[];
  @Field(() => [AdoptionRemoval], { description: 'What is left out of the text because no promo may have it.' })
  removed: AdoptionRemoval[];

  static of({ rows, key: documentKey, made, problems, leftOut }: Candidate): AdoptedRowPreview {
    const keys = rows.map(({ mapped }) => [...mapped.rowKey]);
    const [key = []] = keys;
    return Object.assign(new AdoptedRowPreview(), {
      ...{ keys, documentKey: documentKey ?? null, body: made ? JSON.parse(made.body) : null },
      problems: [...problems.map((problem) => ({ ...problem, key })), ...leftOut].map(toProblem),
      removed: rows.flatMap(({ mapped }) =>
        mapped.removed.map((removal) => Object.assign(new AdoptionRemoval(), removal, { key: [...mapped.rowKey] })),
      ),
    });
  }
}

@ObjectType()
export class AdoptedRowPreviewConnection extends ConnectionOf(AdoptedRowPreview) {}

@ArgsType()
export class PreviewArgs extends PageArgs {}

function toProblem({ key, outcome, ...problem }: RunProblem): AdoptionRowProblem {
  return Object.assign(new AdoptionRowProblem(), problem, { key: [...key], outcome: outcome ?? 'ROW_REFUSED' });
}

const SILENCE_MS = 20_000;

@ObjectType({ description: 'One pass over a table: a dry run or an import.' })
export class AdoptionRun {
  @Field(() => ID, { description: 'The id of the run.' }) id: string;
  @Field(() => ID, { nullable: true, description: 'Document id of the mapping.' }) mappingId: string | null;
  @Field({ description: 'Were rows only tried, and nothing stored?' }) dryRun: boolean;
  @Field(() => RunState, { description: 'Whether it runs, or how it ended.' }) state: keyof typeof RunState;
  @Field(() => Int, { description: 'How many rows the table had at the start.' }) rowsTotal: number;
  @Field(() => Int, { description: 'How many rows were read so far.' }) rowsDone: number;
  @Field(() => Float, { description: '0 to 1.' }) progress: number;
  @Field(() => Int, { description: 'Documents that the rows make.' }) documents: number;
  @Field(() => Int, { description: 'How many of them were new or changed; 0 in a dry run.' }) changed: number;
  @Field(() => Int, { description: 'Rows that cannot become documents, or settings of one.' }) problemRows: number;
  @Field(() => [AdoptionRowProblem], {
    description:
      'Rows that were refused, and bad values that documents are made without: the first 2,000; there once the run has ended.',
  })
  problems: AdoptionRowProblem[];
  @Field(() => [AdoptionRemoval], { description: 'What was left out: the first 2,000; there once the run has ended.' })
  removals: AdoptionRemoval[];
  @Field(() => [AdoptionSideEffect], { description: 'What else would change if the table were written.' })
  sideEffects: AdoptionSideEffect[];
  @Field(() => [String], {
    description:
      'What to look at before the mapping is taken: text that the back office stores with character references, and that is mapped as if it did not.',
  })
  warnings: string[];
  @Field(() => String, { nullable: true, description: 'Why it failed.' }) error: string | null;
  @Field({ description: 'When the run began.' }) startedAt: Date;

  /** Not a field: what the preview of its rows is made by. */
  mapping: string;

  static of(row: AdoptionRunRow): AdoptionRun {
    const { id, mappingId, mapping, dryRun, rowsTotal, rowsDone, documents, changed, problemRows, error, startedAt } =
      row;
    const silent = row.state === 'RUNNING' && Date.now() - row.seenAt.getTime() > SILENCE_MS;
    const problems: RunProblem[] = JSON.parse(row.problems);
    const removals: AdoptionRemoval[] = JSON.parse(row.removals);
    const sideEffects: ForeseenEffect[] = JSON.parse(row.sideEffects ?? '[]');
    return Object.assign(new AdoptionRun(), {
      ...{ id, mappingId, mapping, dryRun, rowsTotal, rowsDone, documents, changed, problemRows, error, startedAt },
      state: silent ? 'INTERRUPTED' : row.state,
      progress: rowsTotal === 0 ? (row.state === 'RUNNING' ? 0 : 1) : rowsDone / rowsTotal,
      problems: problems.map(toProblem),
      removals: removals.map((removal) => Object.assign(new AdoptionRemoval(), removal)),
      warnings: JSON.parse(row.warnings ?? '[]'),
      sideEffects: sideEffects.map((effect) => Object.assign(new AdoptionSideEffect(), effect)),
    });
  }
}

export const AdoptTableResult = resultUnion('AdoptTable', [AdoptionRun, SourceProblem, NotFoundProblem]);
