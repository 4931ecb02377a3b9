import { Injectable } from '@nestjs/common';
import type { Heartbeat, Receipt } from '@paddock/contracts';
import { Database, type Tx } from '../../database/database.js';
import { type Contradiction, contradicts, EpochRotation } from '../artefacts/epoch-rotation.js';
import { ChangeNotifier } from '../change-notifier.js';
import { PublishingMetrics } from '../metrics.js';
import { Batches } from './batches.js';
import { KnownReleases } from './known-releases.js';

/** Receipts and heartbeats in one transaction. */
const BATCH = 200;

type Message = { receipt: Receipt } | { heartbeat: Heartbeat };

/**
 * Stores the reports of instances. They may come twice, late and out of order: an older or weaker receipt never
 * replaces a newer one, and an instance's position only grows while it runs. That an instance applied a release counts
 * only with the fingerprint that MySQL has for it.
 */
@Injectable()
export class ReceiptWriter {
  private readonly batches = new Batches<Message>(BATCH, (messages) => this.write(messages));

  constructor(
    private readonly db: Database,
    private readonly hints: ChangeNotifier,
    private readonly metrics: PublishingMetrics,
    private readonly epochRotation: EpochRotation,
  ) {}

  receipt(receipt: Receipt): Promise<void> {
    return this.batches.add({ receipt });
  }

  heartbeat(heartbeat: Heartbeat): Promise<void> {
    return this.batches.add({ heartbeat });
  }

  private async write(messages: readonly Message[]): Promise<void> {
    const receipts = messages.flatMap((message) => ('receipt' in message ? [message.receipt] : []));
    const heartbeats = messages.flatMap((message) => ('heartbeat' in message ? [message.heartbeat] : []));
    const { stored, contradictions } = await this.db.tx(async (tx) => {
      const known = await KnownReleases.of(tx, [
        ...receipts,
        ...heartbeats.flatMap((heartbeat) => heartbeat.environments),
      ]);
      const judged = receipts.flatMap((receipt) => judge(receipt, known)).sort(byKey);
      await upsertReceipts(tx, judged);
      await upsertPositions(tx, judged);
      await upsertLeases(tx, heartbeats, known);
      return { stored: judged, contradictions: contradictionsIn(heartbeats, known) };
    });
    for (const contradiction of contradictions) await this.epochRotation.rotate(contradiction);
    for (const { environment, consumer, state, ms } of stored) {
      this.metrics.receipts.inc({ environment, state });
      if (state === 'APPLIED' && ms !== undefined)
        this.metrics.propagationSeconds.observe({ environment, consumer }, ms / 1_000);
    }
    const environments = new Set(stored.map((receipt) => receipt.environment));
    await Promise.all([...environments].map((environment) => this.hints.publish({ environment, about: 'receipts' })));
  }
}

/** What instances hold and MySQL has lost, once per environment. Redis may be as empty as a new one: the heartbeats still tell. */
function contradictionsIn(heartbeats: readonly Heartbeat[], known: KnownReleases): Contradiction[] {
  const found = new Map<string, Contradiction>();
  for (const { consumer, instance, environments } of heartbeats) {
    for (const held of environments) {
      const { environment } = held;
      const place = known.place(held);
      if (place && contradicts(held, place))
        found.set(environment, {
          databaseHead: { environment, epoch: place.epoch },
          because: { consumer, instance, held },
        });
    }
  }
  return [...found.values()];
}

/**
 * The effective state of a receipt: none where the release never landed, or is of another history, and a rejection
 * where the instance holds another state.
 */
function judge(receipt: Receipt, known: KnownReleases): Receipt[] {
  if (receipt.epoch !== undefined && receipt.epoch !== known.epoch(receipt.environment)) return [];
  const expected = known.stateHash(receipt);
  if (expected === undefined) return [];
  if (receipt.state !== 'APPLIED' || receipt.stateHash === undefined || receipt.stateHash === expected)
    return [receipt];
  return [
    {
      ...receipt,
      state: 'REJECTED',
      error: `holds the state ${receipt.stateHash}, but release ${receipt.seq} is ${expected}`,
    },
  ];
}

/** One order for all writers, so that two batches do not wait for each other. */
function byKey(a: Receipt, b: Receipt): number {
  const key = (receipt: Receipt) =>
    [receipt.environment, String(receipt.seq).padStart(16, '0'), receipt.consumer, receipt.instance].join(' ');
  return key(a) < key(b) ? -1 : 1;
}

async function upsertReceipts(tx: Tx, receipts: readonly Receipt[]): Promise<void> {
  if (receipts.length === 0) return;
  const better = (column: string) =>
    `${column} = IF(state = 'REJECTED' OR (state = 'SKIPPED' AND VALUES(state) = 'APPLIED'), VALUES(${column}), ${column})`;
  // `state` last: assignments run from left to right, and the ones before it compare with the old value.
  const columns = ['error', 'request_id', 'applied_at', 'ms', 'received_at', 'state'];
  await tx.query(
    `INSERT INTO receipt (environment, seq, consumer, instance, state, error, request_id, applied_at, ms, received_at)
     VALUES ${rows(receipts, '(?, ?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3))')}
     ON DUPLICATE KEY UPDATE ${columns.map(better).join(', ')}`,
    receipts.flatMap(({ environment, seq, consumer, instance, state, error, requestId, appliedAt, ms }) => [
      ...[
        environment,
        seq,
        consumer,
        instance,
        state,
        error ?? null,
        requestId ?? null,
        new Date(appliedAt),
        ms ?? null,
      ],
    ]),
  );
}

/**
 * A receipt reports the state of its sender. It renews a lease only where it carries one: the lease of an instance
 * that sends heartbeats depends on those.
 */
async function upsertPositions(tx: Tx, receipts: readonly Receipt[]): Promise<void> {
  if (receipts.length === 0) return;
  await tx.query(
    `INSERT INTO consumer_instance
       (consumer, instance, environment, applied_seq, state_hash, started_at, seen_at, lease_expires_at)
     VALUES ${rows(receipts, '(?, ?, ?, ?, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND)')}
     ON DUPLICATE KEY UPDATE
       applied_seq = GREATEST(applied_seq, VALUES(applied_seq)),
       state_hash = COALESCE(VALUES(state_hash), state_hash),
       seen_at = VALUES(seen_at),
       lease_expires_at = IF(VALUES(lease_expires_at) > VALUES(seen_at), VALUES(lease_expires_at), lease_expires_at)`,
    receipts.flatMap(({ consumer, instance, environment, state, seq, stateHash, leaseMs = 0 }) => [
      ...[consumer, instance, environment, state === 'REJECTED' ? 0 : seq, stateHash ?? null, leaseMs * 1000],
    ]),
  );
}

/** A restart of the instance (also with a clock that was set back) replaces its position; within one start, the position only grows. */
async function upsertLeases(tx: Tx, heartbeats: readonly Heartbeat[], known: KnownReleases): Promise<void> {
  const leases = heartbeats.flatMap(({ consumer, instance, leaseMs, startedAt, host, version, environments }) =>
    environments
      .filter(({ environment }) => known.hasEnvironment(environment))
      .map(({ environment, seq, stateHash }) => {
        const appliedSeq = known.stateHash({ environment, seq }) === stateHash ? seq : 0;
        return {
          consumer,
          instance,
          environment,
          appliedSeq,
          stateHash,
          startedAt: new Date(startedAt),
          leaseMs,
          host,
          version,
        };
      }),
  );
  if (leases.length === 0) return;
  leases.sort((a, b) =>
    `${a.consumer} ${a.instance} ${a.environment}` < `${b.consumer} ${b.instance} ${b.environment}` ? -1 : 1,
  );
  await tx.query(
    `INSERT INTO consumer_instance
       (consumer, instance, environment, applied_seq, state_hash, started_at, seen_at, lease_expires_at, host, version)
     VALUES ${rows(leases, '(?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND, ?, ?)')}
     ON DUPLICATE KEY UPDATE
       applied_seq = IF(VALUES(started_at) = started_at, GREATEST(applied_seq, VALUES(applied_seq)), VALUES(applied_seq)),
       state_hash = VALUES(state_hash),
       started_at = VALUES(started_at),
       seen_at = VALUES(seen_at),
       lease_expires_at = VALUES(lease_expires_at),
       host = VALUES(host),
       version = VALUES(version)`,
    leases.flatMap(({ consumer, instance, environment, appliedSeq, stateHash, startedAt, leaseMs, host, version }) => [
      ...[consumer, instance, environment, appliedSeq, stateHash, startedAt, leaseMs * 1000],
      ...[host ?? null, version ?? null],
    ]),
  );
}

function rows(values: readonly unknown[], placeholders: string): string {
  return values.map(() => placeholders).join(', ');
}
