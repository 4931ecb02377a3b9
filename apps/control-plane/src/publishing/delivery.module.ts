import { Module } from '@nestjs/common';
import { LiveState } from '../releases/live-state.js';
import { EnvironmentSettingsSource } from '../sites/environment-settings.js';
import { ArtefactDelivery } from './artefacts/artefact-delivery.js';
import { ArtefactRebuild } from './artefacts/artefact-rebuild.js';
import { ArtefactStore } from './artefacts/artefact-store.js';
import { BlobSweep } from './artefacts/blob-sweep.js';
import { LandedReleases } from './artefacts/landed-releases.js';
import { EpochRotation } from './artefacts/epoch-rotation.js';
import { SettingsArtefact } from './artefacts/settings-artefact.js';
import { Watchdog } from './artefacts/watchdog.js';
import { Deliveries } from './deliveries.js';
import { ChangeNotifier } from './change-notifier.js';
import { PublishingMetrics } from './metrics.js';
import { ReceiptPruning } from './receipts/receipt-pruning.js';
import { ReceiptWriter } from './receipts/receipt-writer.js';
import { Refusals } from './receipts/refusals.js';
import { RedisModule } from './redis.js';
import { RelayModule } from './relay.module.js';
import { Sweeper } from './sweeper.js';

/** The worker's side of publishing: deliveries out, receipts in, and Redis kept to what MySQL says. */
@Module({
  imports: [RedisModule, RelayModule],
  providers: [
    ArtefactDelivery,
    ArtefactRebuild,
    ArtefactStore,
    BlobSweep,
    Deliveries,
    EnvironmentSettingsSource,
    ChangeNotifier,
    LandedReleases,
    EpochRotation,
    LiveState,
    PublishingMetrics,
    ReceiptPruning,
    ReceiptWriter,
    Refusals,
    SettingsArtefact,
    Sweeper,
    Watchdog,
  ],
  exports: [
    ArtefactDelivery,
    ArtefactStore,
    BlobSweep,
    Deliveries,
    PublishingMetrics,
    ReceiptPruning,
    ReceiptWriter,
    Sweeper,
    Watchdog,
  ],
})
export class DeliveryModule {}
