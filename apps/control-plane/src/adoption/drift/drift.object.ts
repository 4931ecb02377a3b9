import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { IsEnum, IsOptional } from 'class-validator';
import { CountedConnectionOf } from '../../graphql/connection.js';
import { IsName } from '../../graphql/is-name.js';
import { ListArgs } from '../../graphql/lists/list-args.js';
import { NotFoundProblem } from '../../graphql/problems.js';
import { resultUnion } from '../../graphql/result-union.js';
import { DRIFT_KINDS, DRIFT_STATES, type DriftEventRow, type DriftKind, type DriftState } from '../adoption.entity.js';
import { SourceProblem } from '../source/source.object.js';
import { NOTE } from '../write-back/row-standing.js';
import { DRIFT_SIDES, type DriftSide } from './settle-drift.js';

const named = <Name extends string>(names: readonly Name[]): Record<Name, Name> =>
  Object.fromEntries(names.map((name) => [name, name])) as Record<Name, Name>;

const DriftKindEnum = named(DRIFT_KINDS);
registerEnumType(DriftKindEnum, {
  name: 'DriftKind',
  description:
    'What another program did: CHANGED, DELETED or APPEARED rows of a table that Paddock writes; DRAFT_EDITED where a mirrored row changed after an editor had changed its draft; DOES_NOT_FIT where a document holds more than its row can store; REFUSED where the old database did not take a write, or stored something else.',
});
const DriftStateEnum = named(DRIFT_STATES);
registerEnumType(DriftStateEnum, {
  name: 'DriftState',
  description: 'VANISHED: a look at the row found that both sides agree again.',
});
const DriftSideEnum = named(DRIFT_SIDES);
registerEnumType(DriftSideEnum, {
  name: 'DriftSide',
  description:
    'THEIRS: the row becomes a draft. OURS: the row becomes what is live; of a mirrored table, the draft stays.',
});

@ArgsType()
export class DriftEventsArgs extends ListArgs {
  @Field(() => ID, { nullable: true, description: 'Document id of a mapping.' })
  @IsOptional()
  @IsName({ max: 60 })
  mapping?: string | null;

  @Field(() => DriftStateEnum, { nullable: true })
  @IsOptional()
  @IsEnum(DriftStateEnum)
  state?: DriftState | null;
}

@InputType()
export class ResolveDriftInput {
  @Field(() => ID, { description: 'The difference to settle.' })
  @IsName({ max: 60 })
  id: string;

  @Field(() => DriftSideEnum, { description: 'Whose side counts.' })
  @IsEnum(DriftSideEnum)
  take: DriftSide;
}

@ObjectType({ description: 'A column on both sides.' })
export class DriftColumn {
  @Field({ description: 'The name of the column.' }) column: string;
  @Field(() => String, { nullable: true, description: 'The value in the row; null for NULL, and for a deleted row.' })
  theirs: string | null;
  @Field(() => String, { nullable: true, description: 'As Paddock would have it.' }) ours: string | null;
  @Field({ description: 'Do the two sides differ in it?' }) differs: boolean;
}

@ObjectType({
  description: 'A row with an unexpected change. It is never overwritten; it stays listed until it is settled.',
})
export class DriftEvent {
  @Field(() => ID, { description: 'The id of the event.' }) id: string;
  @Field(() => ID, { description: 'Document id of the mapping.' }) mappingId: string;
  @Field(() => ID, { nullable: true, description: 'The document of the row; none for a row that appeared.' })
  documentId: string | null;
  @Field(() => DriftKindEnum, { description: 'What happened to the row.' }) kind: DriftKind;
  @Field(() => DriftStateEnum, { description: 'Whether it is open, or which side was taken.' }) state: DriftState;
  @Field(() => Int, { nullable: true, description: 'The release that could not be written because of it.' }) seq:
    number | null;
  @Field(() => [DriftColumn], { description: 'Both sides, column by column.' }) columns: DriftColumn[];
  @Field(() => String, { nullable: true, description: 'What does not fit, or why the old database refused it.' }) note:
    string | null;
  @Field(() => Int, {
    description: 'How often the write has failed since the row or the release was last another one.',
  })
  attempts: number;
  @Field(() => Date, {
    nullable: true,
    description: 'When the write is tried again; none where no release waits for it.',
  })
  retryAt: Date | null;
  @Field({ description: 'When the difference was found.' }) detectedAt: Date;
  @Field(() => Date, { nullable: true, description: 'When the difference was settled; null while it is open.' })
  settledAt: Date | null;

  static of(row: DriftEventRow): DriftEvent {
    const { id, mappingId, documentId, kind, state, seq, attempts, retryAt, detectedAt, settledAt } = row;
    const theirs = sideOf(row.theirs);
    const { [NOTE]: note = null, ...ours } = sideOf(row.ours);
    const names = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])];
    const columns = names.map((column) => {
      const [left, right] = [theirs[column] ?? null, ours[column] ?? null];
      return Object.assign(new DriftColumn(), { column, theirs: left, ours: right, differs: left !== right });
    });
    return Object.assign(new DriftEvent(), {
      id,
      mappingId,
      documentId,
      kind,
      state,
      seq,
      attempts,
      retryAt,
      detectedAt,
      settledAt,
      columns,
      note,
    });
  }
}

function sideOf(packed: string | null): Record<string, string | null> {
  const side: Record<string, string | null> = packed === null ? {} : JSON.parse(packed);
  return side;
}

@ObjectType()
export class DriftEventConnection extends CountedConnectionOf(DriftEvent) {}

export const ResolveDriftResult = resultUnion('ResolveDrift', [DriftEvent, SourceProblem, NotFoundProblem]);
