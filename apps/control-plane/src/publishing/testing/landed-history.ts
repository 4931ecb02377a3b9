import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import {
  advanceStateHash,
  canonicalJson,
  EMPTY_STATE,
  formatRef,
  type KindName,
  sha256Hex,
  type StateChange,
} from '@paddock/contracts';
import { type Outbox } from '../outbox.js';

/** A document to put, by the title that its body gets; `null` removes it. */
export type Changes = Readonly<Record<string, string | null>>;

interface Live {
  documentId: string;
  revision: number;
  sha256: string | null;
}

/**
 * Writes landed releases of one environment straight into MySQL, as a landing would leave them: what deliveries are
 * tested with, without plans and permissions. Remembers what must be live.
 */
export class LandedHistory {
  seq = 0;
  stateHash = EMPTY_STATE;
  settingsVersion = 1;
  readonly epoch = uuidv7();
  /** What is live: the reference as text → SHA-256. */
  readonly live = new Map<string, string>();
  private readonly documents = new Map<string, Live>();

  constructor(
    private readonly source: DataSource,
    private readonly outbox: Outbox,
    readonly environment = 'production',
  ) {}

  async begin(): Promise<this> {
    await this.source.query('INSERT INTO environment VALUES (?, ?, 0, ?, ?, 1, UTC_TIMESTAMP(3))', [
      ...[this.environment, this.epoch, this.stateHash, this.settingsVersion],
    ]);
    return this;
  }

  /** Lands one release; who should deliver it is up to the caller (`outbox.wake()`). */
  async land(changes: Changes, { title = 'a release' } = {}): Promise<{ id: string; seq: number }> {
    const id = uuidv7();
    const seq = this.seq + 1;
    const steps: StateChange[] = [];
    const documents: unknown[][] = [];
    const revisions: unknown[][] = [];
    const items: unknown[][] = [];
    for (const [key, text] of Object.entries(changes)) {
      const known = this.documents.get(key);
      const documentId = known?.documentId ?? uuidv7();
      if (!known) documents.push([documentId, 'promo', '*', key, key]);
      const body = text === null ? null : canonicalJson({ title: text });
      const sha256 = body === null ? null : sha256Hex(body);
      const revision = (known?.revision ?? 0) + (body === null ? 0 : 1);
      if (body !== null) revisions.push([documentId, revision, body, sha256, id]);
      items.push([
        id,
        documentId,
        this.environment,
        seq,
        body === null ? 'REMOVE' : 'PUT',
        body === null ? null : revision,
      ]);
      const ref = { kind: 'promo' satisfies KindName, site: '*', key } as const;
      steps.push({ ref, before: known?.sha256 ?? null, after: sha256 });
      this.documents.set(key, { documentId, revision, sha256 });
      if (sha256 === null) this.live.delete(formatRef(ref));
      else this.live.set(formatRef(ref), sha256);
    }
    this.stateHash = advanceStateHash(this.stateHash, steps);
    await this.source.transaction('READ COMMITTED', async (tx) => {
      const insert = async (into: string, values: string, rows: unknown[][]) => {
        for (let from = 0; from < rows.length; from += 1_000) {
          const some = rows.slice(from, from + 1_000);
          await tx.query(`INSERT INTO ${into} VALUES ${some.map(() => values).join(', ')}`, some.flat());
        }
      };
      await insert(
        'document (id, kind, site, doc_key, label, created_at)',
        '(?, ?, ?, ?, ?, UTC_TIMESTAMP(3))',
        documents,
      );
      await insert(
        'revision (document_id, number, body, sha256, schema_version, author_id, message, created_at)',
        "(?, ?, ?, ?, 1, ?, '', UTC_TIMESTAMP(3))",
        revisions,
      );
      await tx.query(
        "INSERT INTO `release` (id, environment, seq, type, state, title, reason, author_id, created_at, landed_at, state_hash) VALUES (?, ?, ?, 'FORWARD', 'LANDED', ?, '', ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), ?)",
        [id, this.environment, seq, title, id, this.stateHash],
      );
      await insert(
        'release_item (release_id, document_id, environment, seq, op, revision)',
        '(?, ?, ?, ?, ?, ?)',
        items,
      );
      await tx.query('UPDATE environment SET head_seq = ?, state_hash = ? WHERE name = ?', [
        seq,
        this.stateHash,
        this.environment,
      ]);
      await this.outbox.write(tx, { environment: this.environment, topic: 'release', version: seq });
    });
    this.seq = seq;
    return { id, seq };
  }

  /** Changes the environment's settings. */
  async changeSettings(): Promise<void> {
    this.settingsVersion += 1;
    await this.source.transaction('READ COMMITTED', async (tx) => {
      await tx.query(
        'UPDATE environment SET settings_version = ?, anonymous_reads = NOT anonymous_reads WHERE name = ?',
        [...[this.settingsVersion, this.environment]],
      );
      await this.outbox.write(tx, { environment: this.environment, topic: 'settings', version: this.settingsVersion });
    });
  }
}
