import { Injectable } from '@nestjs/common';
import { ALL_SITES } from '@paddock/contracts';
import { SourceError } from '@paddock/foreign-database';
import { Access } from '../../access/access.js';
import type { Actor } from '../../access/actor.js';
import { NotFoundProblem, ProblemError } from '../../graphql/problems.js';
import type { DriftEventRow } from '../adoption.entity.js';
import { Sources } from '../source/sources.js';
import { type Mapping, Mappings } from '../tables/mappings.js';
import { compileAt } from '../tables/table-reader.js';
import { BUSY, TableLock } from '../tables/table-lock.js';
import { pausedBecause } from '../write-back/write-back.js';
import { DriftEvents } from './drift-events.js';
import { refused } from './drift-refused.js';
import { DriftSides } from './drift-sides.js';

export const DRIFT_SIDES = ['THEIRS', 'OURS'] as const;
export type DriftSide = (typeof DRIFT_SIDES)[number];

const LOCK_SECONDS = 10;

/** Settles drift as a user decided: the row becomes a draft, or the document is written into the row. */
@Injectable()
export class SettleDrift {
  constructor(
    private readonly access: Access,
    private readonly drifts: DriftEvents,
    private readonly mappings: Mappings,
    private readonly sources: Sources,
    private readonly lock: TableLock,
    private readonly sides: DriftSides,
  ) {}

  async settle(actor: Actor, id: string, take: DriftSide): Promise<DriftEventRow> {
    const event = await this.drifts.find(id);
    if (!event || !this.access.may(actor, 'document:read', { kind: 'adoption', site: ALL_SITES }))
      throw new ProblemError(new NotFoundProblem(`id: there is no drift event ${id.slice(0, 60)}`));
    if (event.state !== 'OPEN')
      throw refused('id', 'ALREADY_SETTLED', `it is ${event.state.toLowerCase().replaceAll('_', ' ')} already`);
    const mapping =
      (await this.mappings.allLive()).find((live) => live.id === event.mappingId) ??
      (await this.mappings.draft(event.mappingId));
    this.authorize(actor, mapping, take);
    const source = await this.sources.findOrThrow(mapping.body.source);
    const write = take === 'OURS' && event.kind !== 'DRAFT_EDITED';
    const settled = await this.lock.hold(mapping.id, LOCK_SECONDS, () =>
      this.sources.use(source, { write }, async (session) => {
        const compiled = await compileAt(session, mapping.body);
        if (!compiled.ok) throw refused('id', 'PAUSED', pausedBecause(compiled.problems));
        const found = await this.sides.look({ actor, event, mapping, compiled: compiled.mapping, session });
        await (take === 'THEIRS' ? this.sides.takeTheirs(found) : this.sides.takeOurs(found));
      }),
    );
    if (settled === BUSY)
      throw new SourceError('TOO_SLOW', `the table ${mapping.body.table} is being worked on; try again`);
    return (await this.drifts.find(id)) ?? event;
  }

  private authorize(actor: Actor, { body }: Mapping, take: DriftSide): void {
    const { kind, site = ALL_SITES } = body.documents;
    this.access.authorize(actor, 'document:write', { kind, site });
    // Our side reaches every reader of the old table, as a release would.
    if (take === 'OURS') this.access.authorize(actor, 'release:publish', { kind, site, environment: body.environment });
  }
}
