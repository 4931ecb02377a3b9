import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import {
  advanceStateHash,
  canonicalJson,
  type Change,
  type ChangeItem,
  CHANGES_KEPT,
  EMPTY_STATE,
  formatRef,
  type Head,
  sha256Hex,
} from '@paddock/contracts';
import { ArtefactStore, type Blob } from '../../apps/control-plane/src/publishing/artefacts/artefact-store.js';

const ENVIRONMENT = 'production';
/** Each release changes one feed and one event schema, of so many in turn. */
const DOCUMENTS = 3;
const FIELDS_PER_STAGE = 1_000;

/** Releases without a database, written to Redis by what the worker writes them with. */
export class LandedHistory {
  private readonly live = new Map<string, string>();
  private readonly withheld: Blob[] = [];
  private head: Head = { epoch: 'epoch-1', seq: 0, stateHash: EMPTY_STATE, settingsVersion: 1, settingsSha256: '' };

  private constructor(
    private readonly redis: Redis,
    private readonly store: ArtefactStore,
  ) {}

  /** An environment with settings and without releases. */
  static async begin(url: URL, prefix: string): Promise<LandedHistory> {
    const redis = new Redis(url.href);
    const history = new LandedHistory(redis, new ArtefactStore(redis, prefix));
    const sites = [{ key: 'acme-uk', name: 'Acme', jurisdiction: 'GB', locale: 'en-GB' }];
    const body = canonicalJson({ environment: ENVIRONMENT, version: 1, anonymousReads: true, sites, clientKeys: [] });
    const settings = { sha256: sha256Hex(body), body };
    await history.store.putSettings(ENVIRONMENT, settings);
    history.head = { ...history.head, settingsSha256: settings.sha256 };
    await history.store.install(ENVIRONMENT, randomUUID(), history.head);
    return history;
  }

  get seq(): number {
    return this.head.seq;
  }

  /**
   * Lands so many releases at once. Where they are more than are kept, everything is written as by a rebuild.
   * @param isBroken whether the bodies of the last one are left out
   */
  async land(count: number, isBroken: boolean): Promise<void> {
    const changes: Change[] = [];
    const blobs: Blob[] = [];
    let { stateHash } = this.head;
    for (let seq = this.seq + 1; seq <= this.seq + count; seq += 1) {
      const bodies = documentsOf(seq);
      const previousStateHash = stateHash;
      stateHash = advanceStateHash(
        stateHash,
        bodies.map((body) => this.write(body)),
      );
      const items = bodies.map(({ item }) => item);
      changes.push({ ...{ seq, previousStateHash, stateHash, items }, ...described(seq) });
      const isWithheld = isBroken && seq === this.seq + count;
      (isWithheld ? this.withheld : blobs).push(...bodies.map(({ blob }) => blob));
    }
    await this.store.putBlobs(ENVIRONMENT, blobs.slice(-2 * CHANGES_KEPT));
    const before = this.head;
    this.head = { ...before, seq: before.seq + count, stateHash };
    if (count <= CHANGES_KEPT) await this.store.advance(ENVIRONMENT, before, changes);
    else await this.rebuild(changes.slice(-CHANGES_KEPT));
    await this.store.notify(ENVIRONMENT, this.head);
  }

  /** Writes the withheld bodies and notifies consumers. */
  async restoreWithheld(): Promise<void> {
    await this.store.putBlobs(ENVIRONMENT, this.withheld.splice(0));
    await this.store.notify(ENVIRONMENT, this.head);
  }

  close(): void {
    this.redis.disconnect();
  }

  private write({ item, blob }: Written): { ref: ChangeItem; before: string | null; after: string } {
    const name = formatRef(item);
    const before = this.live.get(name) ?? null;
    this.live.set(name, blob.sha256);
    return { ref: item, before, after: blob.sha256 };
  }

  private async rebuild(changes: readonly Change[]): Promise<void> {
    const token = randomUUID();
    await this.store.stage(ENVIRONMENT, token, { live: [...this.live].flat() });
    const records = changes.flatMap((change) => [String(change.seq), JSON.stringify(change)]);
    for (let from = 0; from < records.length; from += FIELDS_PER_STAGE)
      await this.store.stage(ENVIRONMENT, token, { changes: records.slice(from, from + FIELDS_PER_STAGE) });
    await this.store.install(ENVIRONMENT, token, this.head);
  }
}

interface Written {
  readonly item: ChangeItem;
  readonly blob: Blob;
}

/** Documents for odds, analytics and edges, which carry all kinds. */
function documentsOf(seq: number): Written[] {
  const number = seq % DOCUMENTS;
  const simulator = { seed: 7, matches: 1, matchMs: 60_000 };
  const schema = { type: 'object', required: ['id', 'at'], properties: { id: ID, at: TIME } };
  return [
    written('odds-feed', `feed-${number}`, {
      ...{ source: { simulator }, syncWindowMs: 0, silenceMs: 5_000 + seq, suspendedDisplay: 'BLANK', enabled: false },
    }),
    written('event-schema', `event_${number}`, {
      ...{ event: `event_${number}`, description: `As of release ${seq}.`, fields: { id: 'id', time: 'at' } },
      versions: [{ version: '1.0.0', schema }],
    }),
  ];
}

const ID = { type: 'string' };
const TIME = { type: 'string', format: 'date-time' };

function written(kind: 'odds-feed' | 'event-schema', key: string, value: object): Written {
  const body = canonicalJson(value);
  const sha256 = sha256Hex(body);
  return { item: { kind, site: '*', key, sha256 }, blob: { sha256, body } };
}

function described(seq: number): Pick<Change, 'releaseId' | 'type' | 'title' | 'landedAt'> {
  const landedAt = new Date().toISOString();
  return { releaseId: `release-${seq}`, type: 'FORWARD', title: `Release ${seq}`, landedAt };
}
