import { Query, Resolver } from '@nestjs/graphql';
import { ALL_SITES } from '@paddock/contracts';
import { Access } from '../../access/access.js';
import type { Actor } from '../../access/actor.js';
import { CurrentActor } from '../../access/current-actor.js';
import { Requires } from '../../access/policy.js';
import { Document } from '../../documents/document.object.js';
import { Documents } from '../../documents/documents.js';
import { DriftEvents } from '../drift/drift-events.js';
import { AdoptedRows } from '../rows/adopted-rows.js';
import { AdoptedTable, AdoptionDay } from './adopted-table.object.js';
import { AdoptedTables } from './adopted-tables.js';

@Resolver()
export class AdoptedTablesResolver {
  constructor(
    private readonly tables: AdoptedTables,
    private readonly rows: AdoptedRows,
    private readonly drifts: DriftEvents,
    private readonly documents: Documents,
    private readonly access: Access,
  ) {}

  @Query(() => [AdoptedTable], { description: 'Every adopted table, and how far its hand-over has come.' })
  @Requires('document:read')
  async adoptedTables(@CurrentActor() actor: Actor): Promise<AdoptedTable[]> {
    this.access.authorize(actor, 'document:read', { kind: 'adoption', site: ALL_SITES });
    const found = await this.tables.list();
    const mappings = await this.documents.byIds(found.map(({ mappingId }) => mappingId));
    const shown = found.map(async (row) => {
      const mapping = mappings.get(row.mappingId);
      if (!mapping) return [];
      const counts = await this.rows.counts(row.mappingId);
      const days = (await this.tables.days(row.mappingId)).map((day) => Object.assign(new AdoptionDay(), day));
      const openDrift = (await this.drifts.open(row.mappingId)).length;
      return [
        AdoptedTable.of(row, Document.of(mapping), {
          rows: counts.PRESENT + counts.UNFIT,
          unfitRows: counts.UNFIT,
          openDrift,
          days,
        }),
      ];
    });
    return (await Promise.all(shown)).flat();
  }
}
