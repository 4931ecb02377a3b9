import { Inject } from '@nestjs/common';
import {
  Args,
  createUnionType,
  Field,
  Float,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from '@nestjs/graphql';
import { JsonScalar } from '@paddock/graphql';
import { Requires } from '../access/scope.guard.js';
import { orProblem, ValidationProblem } from '../graphql/problems.js';
import { enumOf } from '../graphql/query.input.js';
import { isoTime } from '../graphql/to-series.js';
import { InvalidQuery } from '../queries/query-problems.js';
import { CONVERSIONS, type Conversion, type RepairStep } from './mapping.js';
import { MAX_REPAIRED, Quarantine, QUARANTINE_STATES, type QuarantineState } from './quarantine.js';

const StateEnum = enumOf(QUARANTINE_STATES, 'QuarantineState', 'REPAIRED: repaired and ingested again.');
const ConversionEnum = enumOf(
  CONVERSIONS,
  'Conversion',
  'The type to convert a value to. A value that cannot be converted stays as it is.',
);
const MAX_PAGE = 200;

@InputType({ description: 'Selects refused events; all given conditions must hold.' })
export class QuarantineFilterInput {
  @Field(() => [String], { nullable: true, description: 'Ids of refused events.' }) ids?: string[] | null;
  @Field(() => String, { nullable: true, description: 'The name of the event.' }) event?: string | null;
  @Field(() => String, { nullable: true, description: 'Version of the contract, as the event said.' }) contract?:
    string | null;
  @Field(() => String, { nullable: true, description: 'Why it was refused: `CONTRACT_VIOLATION`.' }) code?:
    string | null;
  @Field(() => String, { nullable: true, description: 'The name of the sender.' }) producer?: string | null;
  @Field(() => String, { nullable: true, description: 'Received from then on, RFC 3339.' }) from?: string | null;
  @Field(() => String, { nullable: true, description: 'Received before this instant; RFC 3339.' }) to?: string | null;
  @Field(() => StateEnum, { nullable: true, description: 'Open or repaired.' }) state?: QuarantineState | null;
}

@InputType()
export class RenameInput {
  @Field({ description: 'The name that the events carry.' }) from: string;
  @Field({ description: 'The name that the contract has.' }) to: string;
}

@InputType()
export class SetInput {
  @Field({ description: 'The field to set.' }) field: string;
  @Field(() => JsonScalar, { nullable: true, description: 'The value that it gets.' }) value: unknown;
}

@InputType()
export class ConvertInput {
  @Field({ description: 'The name of the field.' }) field: string;
  @Field(() => ConversionEnum, { description: 'The type to convert its value to.' }) to: Conversion;
}

@InputType()
export class DropInput {
  @Field({ description: 'The field to remove.' }) field: string;
}

@InputType({ isOneOf: true, description: 'One step of a repair; fields by their path, `cart.total`.' })
export class RepairStepInput {
  @Field(() => RenameInput, { nullable: true, description: 'Give a field another name.' }) rename?: RenameInput;
  @Field(() => SetInput, { nullable: true, description: 'Set a field to a value.' }) set?: SetInput;
  @Field(() => ConvertInput, { nullable: true, description: 'Convert a value to another type.' })
  convert?: ConvertInput;
  @Field(() => DropInput, { nullable: true, description: 'Remove a field.' }) drop?: DropInput;
}

@InputType()
export class RepairQuarantineInput {
  @Field(() => QuarantineFilterInput, { description: 'Which refused events to repair.' }) where: QuarantineFilterInput;
  @Field(() => [RepairStepInput], {
    description:
      'The steps in order. Without steps the events are ingested again as they are, after their contract was corrected.',
  })
  mapping: RepairStepInput[];
  @Field(() => Boolean, { defaultValue: true, description: 'Shows the result without ingesting any event.' })
  dryRun: boolean;
  @Field(() => Int, {
    defaultValue: 1_000,
    description: `How many at once, the oldest first; at most ${MAX_REPAIRED}.`,
  })
  limit: number;
}

@ObjectType()
export class RefusedEvent {
  @Field({ description: 'Its id in the quarantine.' }) id: string;
  @Field({ description: 'When it was received; RFC 3339, UTC.' }) receivedAt: string;
  @Field({ description: 'The name of the sender.' }) producer: string;
  @Field({ description: 'Name of the event, where it had one.' }) event: string;
  @Field({ description: 'The contract version against which it was checked.' }) contract: string;
  @Field({ description: 'Why it was refused.' }) code: string;
  @Field({ description: 'The mistake, with the field where there is one.' }) message: string;
  @Field({ description: 'The event as received, up to 64 KB.' }) original: string;
  @Field(() => StateEnum, { description: 'Open or repaired.' }) state: QuarantineState;
  @Field({ description: 'When it was refused or repaired last; RFC 3339, UTC.' }) changedAt: string;
}

@ObjectType()
export class RefusedEvents {
  @Field(() => [RefusedEvent], { description: 'The events of this page, the newest first.' }) nodes: RefusedEvent[];
  @Field(() => String, {
    nullable: true,
    description: 'Send it as `after` to get the next page; null on the last one.',
  })
  endCursor: string | null;
}

@ObjectType()
export class RefusedCount {
  @Field({ description: 'The name of the event.' }) event: string;
  @Field({ description: 'Why the events were refused.' }) code: string;
  @Field({ description: 'The name of the sender.' }) producer: string;
  @Field(() => Float, { description: 'How many events.' }) count: number;
}

@ObjectType()
export class RefusedCounts {
  @Field(() => [RefusedCount], { description: 'Counts by event, sender and code, the largest first.' })
  groups: RefusedCount[];
}

@ObjectType()
export class RepairExample {
  @Field({ description: 'Its id in the quarantine.' }) id: string;
  @Field({ description: 'The event as it was received, as JSON.' }) before: string;
  @Field(() => String, {
    nullable: true,
    description: 'The event after the repair, as JSON; null where it is still refused.',
  })
  after: string | null;
  @Field(() => String, { nullable: true, description: 'Why it is still refused.' }) problem: string | null;
}

@ObjectType()
export class QuarantineRepair {
  @Field(() => Float, { description: 'The number of open events that the filter selects.' }) matched: number;
  @Field(() => Int, { description: 'How many events are accepted after the repair, or would be.' }) repaired: number;
  @Field(() => Int, { description: 'How many events are still refused, or would be.' }) stillRefused: number;
  @Field({ description: 'Whether it was only a dry run.' }) dryRun: boolean;
  @Field(() => [RepairExample], { description: 'A few of the events before and after.' }) examples: RepairExample[];
}

export const QuarantineResult = createUnionType({
  name: 'QuarantineResult',
  types: () => [RefusedEvents, ValidationProblem] as const,
});
export const QuarantineCountsResult = createUnionType({
  name: 'QuarantineCountsResult',
  types: () => [RefusedCounts, ValidationProblem] as const,
});
export const RepairQuarantineResult = createUnionType({
  name: 'RepairQuarantineResult',
  types: () => [QuarantineRepair, ValidationProblem] as const,
});

@Resolver()
@Requires('operate')
export class QuarantineResolver {
  constructor(@Inject(Quarantine) private readonly events: Quarantine) {}

  @Query(() => QuarantineResult, { description: 'Refused events, the newest first.' })
  quarantine(
    @Args('where', { type: () => QuarantineFilterInput, nullable: true }) where: QuarantineFilterInput | null,
    @Args('first', { type: () => Int, defaultValue: 50 }) first: number,
    @Args('after', { type: () => String, nullable: true }) after: string | null,
  ): Promise<RefusedEvents | ValidationProblem> {
    return orProblem(async () => {
      if (first < 1 || first > MAX_PAGE)
        throw new InvalidQuery([{ path: 'first', code: 'OUT_OF_RANGE', message: `must be from 1 to ${MAX_PAGE}` }]);
      const { events, next } = await this.events.browse(where ?? {}, { first, after });
      const nodes = events.map(({ receivedAt, changedAt, ...event }) =>
        Object.assign(new RefusedEvent(), { ...event, receivedAt: isoTime(receivedAt), changedAt: isoTime(changedAt) }),
      );
      return Object.assign(new RefusedEvents(), { nodes, endCursor: next });
    });
  }

  @Query(() => QuarantineCountsResult, { description: 'How many were refused, by event, reason and producer.' })
  quarantineCounts(
    @Args('where', { type: () => QuarantineFilterInput, nullable: true }) where: QuarantineFilterInput | null,
  ): Promise<RefusedCounts | ValidationProblem> {
    return orProblem(async () =>
      Object.assign(new RefusedCounts(), {
        groups: (await this.events.counts(where ?? {})).map((count) => Object.assign(new RefusedCount(), count)),
      }),
    );
  }

  @Mutation(() => RepairQuarantineResult, {
    description:
      'Repairs refused events by a mapping and ingests them again. The windows of these events are recomputed, final ones too.',
  })
  repairQuarantine(
    @Args('input') { where, mapping, dryRun, limit }: RepairQuarantineInput,
  ): Promise<QuarantineRepair | ValidationProblem> {
    return orProblem(async () => {
      const { examples, ...outcome } = await this.events.repair({ where, mapping: mapping.map(toStep), dryRun, limit });
      return Object.assign(new QuarantineRepair(), {
        ...outcome,
        dryRun,
        examples: examples.map((example) => Object.assign(new RepairExample(), example)),
      });
    });
  }
}

/** GraphQL guarantees exactly one member. */
function toStep({ rename, set, convert, drop }: RepairStepInput): RepairStep {
  if (rename) return { rename: { ...rename } };
  if (set) return { set: { ...set } };
  if (convert) return { convert: { ...convert } };
  return { drop: { field: drop?.field ?? '' } };
}
