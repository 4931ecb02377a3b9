import { Inject } from '@nestjs/common';
import {
  Args,
  Context,
  createUnionType,
  Field,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from '@nestjs/graphql';
import { type AnalyticsRequest, Requires } from '../access/scope.guard.js';
import { orProblem, Problem, ValidationProblem } from '../graphql/problems.js';
import { enumOf, GrainEnum } from '../graphql/query.input.js';
import { AuthorityEnum, DimensionCell, ReconciliationSummary } from '../graphql/series.object.js';
import { isoTime, toReconciliation } from '../graphql/to-series.js';
import { type Cause, CAUSES } from './compare.js';
import { type CsvDecimal, type CsvDelimiter } from './batch-csv.js';
import { BatchImports } from './batch-imports.js';
import type { ComparedWindow } from './reconciliations.js';
import type { Authority } from './reconciliation-state.js';

const CauseEnum = enumOf(
  CAUSES,
  'DifferenceCause',
  'NONE: equal. LATE: the batch ran before some events came. DUPLICATE: it counted events twice. REFUSED: it counted events that are refused here. PENDING: the window is not closed or not computed yet.',
);

const CsvDelimiterEnum = enumOf(['COMMA', 'SEMICOLON', 'TAB'], 'CsvDelimiter', 'The column separator of a CSV file.');
const CsvDecimalEnum = enumOf(
  ['POINT', 'COMMA'],
  'CsvDecimal',
  'The decimal mark of numbers. Thousands separators are refused.',
);

@InputType()
export class ReconciliationInput {
  @Field({ description: 'Key of a metric.' }) metric: string;
  @Field(() => String, { nullable: true, description: 'Name of an imported batch; the recomputation when left out.' })
  source?: string | null;
  @Field(() => Boolean, { defaultValue: false, description: 'Only windows whose numbers differ.' })
  differentOnly: boolean;
  @Field(() => Int, { defaultValue: 100, description: '1 to 1,000; the newest first.' }) limit: number;
}

@InputType()
export class ReconcileInput {
  @Field({ description: 'The key of the metric.' }) metric: string;
  @Field({ description: 'RFC 3339; whole hours are compared.' }) from: string;
  @Field({ description: 'The end of the range, exclusive; RFC 3339.' }) to: string;
  @Field(() => String, {
    nullable: true,
    description: 'Compares the largest values of this dimension apart, and all others together, instead of the whole.',
  })
  dimension?: string | null;
  @Field(() => Int, { nullable: true, description: 'How many values are compared apart, 1 to 50; default 10.' }) top?:
    number | null;
}

@InputType()
export class BatchRowInput {
  @Field({ description: 'Start of a bucket: a date, a local date-time of the zone, or an instant with offset.' })
  start: string;
  @Field(() => String, {
    nullable: true,
    description: 'A decimal number; null where the batch has no value, such as a sum of no rows in SQL.',
  })
  value: string | null;
}

@InputType({ description: 'A dimension of the metric, and the column that has its values.' })
export class BatchDimensionInput {
  @Field({ description: 'Name of the dimension.' }) name: string;
  @Field({ description: 'Name of the column; NULL stands for events without the field.' }) column: string;
}

@InputType({
  description:
    'The table of a MySQL or MariaDB database in which the batch keeps its result, a row per window, or per window and values of dimensions.',
})
export class BatchTableInput {
  @Field({ description: 'Name of a database of `ANALYTICS_BATCH_SOURCES`.' }) database: string;
  @Field({ description: 'Name of the table or view.' }) table: string;
  @Field({ description: "Column of the window's start: a date or datetime of the zone, or a timestamp." })
  timeColumn: string;
  @Field({ description: 'Column of the number.' }) valueColumn: string;
  @Field(() => [BatchDimensionInput], {
    nullable: true,
    description: 'The columns with dimensions of the metric. Leave it out where the table has none.',
  })
  dimensions?: BatchDimensionInput[] | null;
  @Field(() => String, { nullable: true, description: 'RFC 3339: only rows from here on.' }) from?: string | null;
  @Field(() => String, { nullable: true, description: 'RFC 3339: only rows before.' }) to?: string | null;
}

@InputType({ description: 'The format of a CSV file.' })
export class CsvFormatInput {
  @Field(() => CsvDelimiterEnum, {
    nullable: true,
    description: 'The separator between cells. Absent: detected from the first line.',
  })
  delimiter?: CsvDelimiter | null;
  @Field(() => CsvDecimalEnum, {
    nullable: true,
    description: 'The decimal mark of numbers. Absent: detected from the values; ambiguous values are refused.',
  })
  decimal?: CsvDecimal | null;
}

@InputType()
export class ImportBatchResultInput {
  @Field({ description: 'The key of the metric.' }) metric: string;
  @Field({ description: 'Name of the batch.' }) source: string;
  @Field(() => GrainEnum, { description: 'The length of a window.' }) grain: string;
  @Field(() => String, {
    nullable: true,
    description: 'The IANA time zone of the windows; UTC if absent.',
  })
  timeZone?: string | null;
  @Field({ description: 'RFC 3339: when the batch ran. Events that came later explain a difference.' }) takenAt: string;
  @Field(() => [BatchRowInput], {
    nullable: true,
    description: 'The results themselves. Leave it out where they come from a table or CSV.',
  })
  rows?: BatchRowInput[] | null;
  @Field(() => String, {
    nullable: true,
    description: 'Instead of rows: CSV with the columns start (or date) and value.',
  })
  csv?: string | null;
  @Field(() => CsvFormatInput, {
    nullable: true,
    description: 'The format of the CSV. Members that are left out are detected; an ambiguous file is refused.',
  })
  csvFormat?: CsvFormatInput | null;
  @Field(() => BatchTableInput, { nullable: true, description: 'Instead of rows: the table of a database.' })
  table?: BatchTableInput | null;
}

@InputType()
export class SetMetricAuthorityInput {
  @Field({ description: 'The key of the metric.' }) metric: string;
  @Field(() => AuthorityEnum, { description: 'The authority to set: which of the two numbers is used.' })
  authority: Authority;
  @Field({ description: 'Why, for the history of the metric.' }) reason: string;
}

@ObjectType({ description: 'A compared window.' })
export class ReconciledWindow {
  @Field({ description: 'The name of the batch, or of the recomputation.' }) source: string;
  @Field(() => [DimensionCell], {
    description: 'The part of the metric that was compared; empty for the whole metric.',
  })
  dimensions: DimensionCell[];
  @Field({ description: 'The start of the window; RFC 3339.' }) start: string;
  @Field({ description: 'The end of the window, exclusive; RFC 3339.' }) end: string;
  @Field(() => String, { nullable: true, description: 'The value of the recomputation or the batch.' }) expected:
    string | null;
  @Field(() => String, { nullable: true, description: 'The streamed number, as a decimal.' }) served: string | null;
  @Field(() => String, { nullable: true, description: 'The served value minus the expected one.' }) delta:
    string | null;
  @Field(() => CauseEnum, { description: 'Why the numbers differ.' }) cause: Cause;
  @Field({ description: 'When they were compared; RFC 3339, UTC.' }) checkedAt: string;
}

@ObjectType()
export class CutOverStep {
  @Field(() => AuthorityEnum, { description: 'The authority from then on.' }) authority: Authority;
  @Field({ description: 'When the authority changed; RFC 3339, UTC.' }) at: string;
  @Field({ description: 'The name of the key that changed it.' }) by: string;
  @Field({ description: 'Why, in the words of the person who changed it.' }) reason: string;
}

@ObjectType({ description: 'A metric compared with its recomputation and with the batch that it replaces.' })
export class Reconciliation {
  @Field({ description: 'The key of the metric.' }) metric: string;
  @Field(() => ReconciliationSummary, { description: 'All windows together.' }) summary: ReconciliationSummary;
  @Field(() => [ReconciledWindow], { description: 'The windows that were compared, the newest first.' })
  windows: ReconciledWindow[];
  @Field(() => [String], { description: 'Names of imported batches.' }) batches: string[];
  @Field(() => [CutOverStep], { description: 'The newest first.' }) cutOvers: CutOverStep[];
}

@ObjectType()
export class CutOverGateObject {
  @Field({ description: 'Stable and machine-readable.' }) code: string;
  @Field({ description: 'The reason, for people.' }) message: string;
}

@ObjectType({ implements: () => Problem, description: 'The metric may not take this step yet; all reasons at once.' })
export class CutOverBlockedProblem extends Problem {
  @Field(() => [CutOverGateObject], { description: 'Every reason why the authority may not change.' })
  gates: CutOverGateObject[];
}

export const ReconciliationResult = createUnionType({
  name: 'ReconciliationResult',
  types: () => [Reconciliation, ValidationProblem] as const,
});
export const SetMetricAuthorityResult = createUnionType({
  name: 'SetMetricAuthorityResult',
  types: () => [Reconciliation, CutOverBlockedProblem, ValidationProblem] as const,
});

@Resolver()
@Requires('operate')
export class ReconciliationResolver {
  constructor(@Inject(BatchImports) private readonly imports: BatchImports) {}

  @Requires('read')
  @Query(() => ReconciliationResult, {
    description: 'The proof of the numbers: windows with their expected and served values.',
  })
  reconciliation(@Args('input') input: ReconciliationInput): Promise<Reconciliation | ValidationProblem> {
    return orProblem(() => this.shown(input.metric, input));
  }

  @Mutation(() => ReconciliationResult, { description: 'Compares the closed hours of a time now.' })
  reconcile(@Args('input') input: ReconcileInput): Promise<Reconciliation | ValidationProblem> {
    return orProblem(async () => {
      await this.imports.compareNow(input);
      return this.shown(input.metric, {});
    });
  }

  @Mutation(() => ReconciliationResult, { description: 'Imports the result of an old batch and compares with it.' })
  importBatchResult(@Args('input') input: ImportBatchResultInput): Promise<Reconciliation | ValidationProblem> {
    return orProblem(async () => {
      await this.imports.importBatch(input);
      return this.shown(input.metric, { source: input.source });
    });
  }

  @Mutation(() => SetMetricAuthorityResult, {
    description: 'Moves a metric from the batch that it replaces to the stream, or back.',
  })
  setMetricAuthority(
    @Args('input') { metric, authority, reason }: SetMetricAuthorityInput,
    @Context() { caller }: AnalyticsRequest,
  ): Promise<Reconciliation | CutOverBlockedProblem | ValidationProblem> {
    return orProblem(async () => {
      const gates = await this.imports.setAuthority(metric, authority, { reason, by: caller?.name ?? '' });
      if (gates.length === 0) return this.shown(metric, {});
      return Object.assign(new CutOverBlockedProblem(), {
        code: 'BLOCKED',
        message: gates.map(({ message }) => message).join('; '),
        gates: gates.map((gate) => Object.assign(new CutOverGateObject(), gate)),
      });
    });
  }

  private async shown(
    metric: string,
    {
      source,
      differentOnly = false,
      limit = 100,
    }: { source?: string | null | undefined; differentOnly?: boolean; limit?: number },
  ): Promise<Reconciliation> {
    const { status, windows, batches, cutOvers } = await this.imports.shown(metric, { source, differentOnly, limit });
    return Object.assign(new Reconciliation(), {
      metric,
      summary: toReconciliation(status),
      windows: windows.map(toWindow),
      batches,
      cutOvers: cutOvers.map(({ at, ...step }) => Object.assign(new CutOverStep(), { ...step, at: isoTime(at) })),
    });
  }
}

function toWindow({ start, end, checkedAt, split, ...window }: ComparedWindow): ReconciledWindow {
  const dimensions = split.map((part) =>
    Object.assign(
      new DimensionCell(),
      'others' in part
        ? { name: part.name, kind: 'OTHER', value: null }
        : { name: part.name, kind: part.value === null ? 'MISSING' : 'VALUE', value: part.value },
    ),
  );
  return Object.assign(new ReconciledWindow(), {
    ...window,
    dimensions,
    start: isoTime(start),
    end: isoTime(end),
    checkedAt: isoTime(checkedAt),
  });
}
