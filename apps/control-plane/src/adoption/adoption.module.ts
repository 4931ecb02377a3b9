import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { OutboxModule } from '../publishing/outbox.module.js';
import { provideGates } from '../releases/gates/gate-registry.js';
import { ReleasesModule } from '../releases/releases.module.js';
import { DriftEvents } from './drift/drift-events.js';
import { DriftSides } from './drift/drift-sides.js';
import { SettleDrift } from './drift/settle-drift.js';
import { RunHomepages } from './homepage/run-homepages.js';
import { AdoptionRuns } from './import/adoption-runs.js';
import { Importer } from './import/importer.js';
import { Previews } from './import/previews.js';
import { RunPermissions } from './import/run-permissions.js';
import { AdoptedRows } from './rows/adopted-rows.js';
import { GatheredDocuments } from './rows/gathered-documents.js';
import { Sources } from './source/sources.js';
import { AdoptedTables } from './tables/adopted-tables.js';
import { MappingChecks } from './tables/mapping-checks.js';
import { acceptedSideEffect, mappingMisfit, notWrittenBack, sideEffect } from './tables/table-gates.js';
import { TableObserver } from './tables/table-observer.js';
import { Mappings } from './tables/mappings.js';
import { TableLock } from './tables/table-lock.js';
import { Baseline } from './watch/baseline.js';
import { MirrorReleases } from './watch/mirror-releases.js';
import { TableWatch } from './watch/table-watch.js';
import { LegacyTableTarget } from './write-back/legacy-table-target.js';
import { RejectedReleases } from './write-back/rejected-releases.js';
import { ReleasedDocuments } from './write-back/released-documents.js';
import { RowJournal } from './write-back/row-journal.js';
import { RowWriter } from './write-back/row-writer.js';
import { WriteBack } from './write-back/write-back.js';
import { WrittenRows } from './write-back/written-rows.js';

/** Existing back offices: their tables as versioned config. */
@Module({
  imports: [AccessModule, AuditModule, DocumentsModule, OutboxModule, ReleasesModule],
  providers: [
    AdoptedRows,
    AdoptedTables,
    AdoptionRuns,
    Baseline,
    DriftEvents,
    DriftSides,
    GatheredDocuments,
    Importer,
    LegacyTableTarget,
    MappingChecks,
    Mappings,
    MirrorReleases,
    Previews,
    RejectedReleases,
    ReleasedDocuments,
    RowJournal,
    RowWriter,
    RunHomepages,
    RunPermissions,
    SettleDrift,
    Sources,
    TableLock,
    TableObserver,
    TableWatch,
    WriteBack,
    WrittenRows,
    provideGates(mappingMisfit, sideEffect, acceptedSideEffect, notWrittenBack),
  ],
  exports: [
    AdoptedRows,
    AdoptedTables,
    AdoptionRuns,
    DriftEvents,
    Mappings,
    Previews,
    RunHomepages,
    SettleDrift,
    Sources,
    TableWatch,
    WriteBack,
  ],
})
export class AdoptionModule {}
