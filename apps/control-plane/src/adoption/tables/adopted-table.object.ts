import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { AdoptionMode } from '@paddock/contracts';
import { Document } from '../../documents/document.object.js';
import type { AdoptedTableRow } from '../adoption.entity.js';

/** How people call the modes once they are at work. */
export const HandOver = {
  OBSERVED: 'OBSERVED',
  MIRRORED: 'MIRRORED',
  WRITTEN_BACK: 'WRITTEN_BACK',
  RETIRED: 'RETIRED',
} as const;
registerEnumType(HandOver, {
  name: 'HandOver',
  valuesMap: {
    OBSERVED: { description: 'The old back office is the master; what changes is counted.' },
    MIRRORED: { description: 'It is the master, and its changes come over by themselves.' },
    WRITTEN_BACK: { description: 'Paddock is the master; releases change the rows.' },
    RETIRED: { description: 'The table is left to itself.' },
  },
  description: 'How far the hand-over of a table has come.',
});

const STATES: Readonly<Record<AdoptionMode, keyof typeof HandOver>> = {
  OBSERVE: 'OBSERVED',
  MIRROR: 'MIRRORED',
  WRITE_BACK: 'WRITTEN_BACK',
  RETIRED: 'RETIRED',
};

@ObjectType({ description: 'What happened to an adopted table on one day, in UTC: who still writes it.' })
export class AdoptionDay {
  @Field({ description: '`2026-11-20`' }) day: string;
  @Field(() => Int, { description: 'Rows that others changed, added or deleted.' }) foreignChanges: number;
  @Field(() => Int, { description: 'Drift events.' }) drifts: number;
  @Field(() => Int, { description: 'Rows that Paddock wrote.' }) writes: number;
}

@ObjectType({ description: 'A table of an existing back office, and how far its hand-over has come.' })
export class AdoptedTable {
  @Field(() => ID, { description: 'Document id of the mapping.' }) mappingId: string;
  @Field(() => Document, { description: 'The mapping.' }) mapping: Document;
  @Field({ description: 'The key of the source.' }) source: string;
  @Field({ description: 'The name of the table.' }) table: string;
  @Field({ description: 'The environment to which its documents belong.' }) environment: string;
  @Field(() => HandOver, { description: 'Which side is the master of the rows.' }) state: keyof typeof HandOver;
  @Field(() => String, {
    nullable: true,
    description: 'Why adoption is paused: a missing column, or rows that were never imported.',
  })
  pausedBecause: string | null;
  @Field(() => String, { nullable: true, description: 'What went wrong last without stopping it.' }) problem:
    string | null;
  @Field(() => Date, { nullable: true, description: 'When its rows were last compared with what was seen of them.' })
  scannedAt: Date | null;
  @Field(() => Date, { nullable: true, description: 'When rows were imported last.' }) importedAt: Date | null;
  @Field(() => Date, { nullable: true, description: 'When a look last found that others had written the table.' })
  lastForeignChangeAt: Date | null;
  @Field(() => Int, { nullable: true, description: 'The newest release that is written back.' }) writtenSeq:
    number | null;
  @Field(() => Int, { description: 'Rows that are there.' }) rows: number;
  @Field(() => Int, { description: 'Rows that cannot become documents as they are.' }) unfitRows: number;
  @Field(() => Int, { description: 'Number of unsettled drift events.' }) openDrift: number;
  @Field(() => [AdoptionDay], { description: 'The last 30 days on which anything happened, newest first.' })
  days: AdoptionDay[];

  static of(
    row: AdoptedTableRow,
    mapping: Document,
    more: Pick<AdoptedTable, 'rows' | 'unfitRows' | 'openDrift' | 'days'>,
  ): AdoptedTable {
    const {
      mappingId,
      source,
      tableName: table,
      environment,
      mode,
      pausedBecause,
      problem,
      scannedAt,
      importedAt,
      lastForeignChangeAt,
      writtenSeq,
    } = row;
    return Object.assign(new AdoptedTable(), {
      ...{
        mappingId,
        mapping,
        source,
        table,
        environment,
        pausedBecause,
        problem,
        scannedAt,
        importedAt,
        lastForeignChangeAt,
        ...more,
      },
      ...{ state: STATES[mode], writtenSeq: mode === 'WRITE_BACK' ? writtenSeq : null },
    });
  }
}
