import { Redis } from 'ioredis';
import {
  advanceStateHash,
  type AnyRef,
  artefactKeys,
  canonicalJson,
  type ClientKeySettings,
  EMPTY_STATE,
  environmentsKey,
  type EnvironmentSettings,
  formatRef,
  type LandedChange,
  type LayoutBody,
  type PromoBody,
  sha256Hex,
} from '@paddock/contracts';

/** A document's new version; without a body it is removed. */
export interface Edit extends AnyRef {
  body?: object;
  /** The number of its revision; absent as in records of older versions. */
  revision?: number;
}

/** A promo as it is to be. */
export const promo = (site: string, key: string, body: PromoBody): Edit => ({ kind: 'promo', site, key, body });
/** A layout as it is to be. */
export const layout = (site: string, key: string, body: LayoutBody): Edit => ({ kind: 'layout', site, key, body });

/** Ways to damage a release, to test its refusal. */
export interface Damage {
  /** Bytes that go where the body of a document should be. */
  blob?: Buffer | null;
  stateHash?: string;
}

const CHUNK = 2_000;

/** Writes artefacts as the control plane does, straight to Redis, and can do it wrong. */
export class TestPublisher {
  readonly redis: Redis;
  readonly keys: ReturnType<typeof artefactKeys>;
  epoch = 'epoch-1';
  seq = 0;
  stateHash = EMPTY_STATE;
  private settingsVersion = 0;
  private settingsSha256 = '';
  private readonly live = new Map<string, string>();
  private readonly bodies = new Map<string, string>();

  constructor(
    url: URL,
    private readonly prefix: string,
    readonly environment = 'production',
  ) {
    this.redis = new Redis(url.href);
    this.redis.on('error', () => undefined);
    this.keys = artefactKeys(prefix, environment);
  }

  /** Publishes settings; by default one site `acme-uk` in GB, open to anonymous readers. */
  async settings(given: Partial<EnvironmentSettings> = {}): Promise<void> {
    this.settingsVersion += 1;
    const settings: EnvironmentSettings = {
      environment: this.environment,
      version: this.settingsVersion,
      anonymousReads: true,
      sites: [
        { key: 'acme-uk', name: 'Acme UK', jurisdiction: 'GB', locale: 'en-GB' },
        { key: 'acme-de', name: 'Acme DE', jurisdiction: 'DE', locale: 'de-DE' },
      ],
      clientKeys: [],
      ...given,
    };
    const json = canonicalJson(settings);
    this.settingsSha256 = sha256Hex(json);
    await this.redis.set(this.keys.settings(this.settingsSha256), json);
    await this.writeHead();
  }

  /** Lands one release and moves the head. */
  async publish(edits: readonly Edit[], damage: Damage = {}): Promise<LandedChange> {
    const change = await this.prepare(edits, damage);
    await this.writeHead();
    return change;
  }

  /** Everything of a release but the head. */
  async prepare(edits: readonly Edit[], damage: Damage = {}): Promise<LandedChange> {
    this.seq += 1;
    const items: LandedChange['items'] = [];
    const steps = edits.map(({ kind, site, key, body, revision }) => {
      const ref = formatRef({ kind, site, key });
      const json = body && canonicalJson(body);
      const after = json === undefined ? null : sha256Hex(json);
      const before = this.live.get(ref) ?? null;
      items.push({ kind, site, key, sha256: after, ...(revision === undefined ? {} : { revision }) });
      if (after === null || json === undefined) this.live.delete(ref);
      else {
        this.live.set(ref, after);
        this.bodies.set(after, json);
      }
      return { ref: { kind, site, key }, before, after };
    });
    const previousStateHash = this.stateHash;
    this.stateHash = advanceStateHash(previousStateHash, steps);
    const change: LandedChange = {
      seq: this.seq,
      previousStateHash,
      releaseId: `release-${this.seq}`,
      type: 'FORWARD',
      title: `Release ${this.seq}`,
      landedAt: new Date().toISOString(),
      items,
      stateHash: damage.stateHash ?? this.stateHash,
      requestId: `request-${this.seq}`,
    };
    await this.writeItems(items, damage);
    await this.redis.hset(this.keys.changes, String(change.seq), JSON.stringify(change));
    return change;
  }

  /** Writes everything again, as the watchdog does after Redis was emptied. */
  async rebuild(): Promise<void> {
    for (const [sha256, json] of this.bodies) await this.redis.set(this.keys.blob(sha256), json);
    if (this.live.size > 0) await this.redis.hset(this.keys.live, Object.fromEntries(this.live));
    await this.settings();
  }

  async writeHead(stateHash = this.stateHash): Promise<void> {
    const { epoch, seq, settingsVersion, settingsSha256 } = this;
    await this.redis.sadd(environmentsKey(this.prefix), this.environment);
    await this.redis.hset(this.keys.head, { epoch, seq, stateHash, settingsVersion, settingsSha256 });
    await this.redis.publish(this.keys.notices, JSON.stringify({ seq, settingsVersion }));
  }

  close(): void {
    this.redis.disconnect();
  }

  private async writeItems(items: LandedChange['items'], damage: Damage): Promise<void> {
    for (let from = 0; from < items.length; from += CHUNK) {
      const pipeline = this.redis.pipeline();
      for (const item of items.slice(from, from + CHUNK)) {
        const ref = formatRef(item);
        if (item.sha256 === null) {
          pipeline.hdel(this.keys.live, ref);
          continue;
        }
        pipeline.hset(this.keys.live, ref, item.sha256);
        const bytes = damage.blob === undefined ? this.bodies.get(item.sha256) : damage.blob;
        if (bytes === null || bytes === undefined) pipeline.del(this.keys.blob(item.sha256));
        else pipeline.set(this.keys.blob(item.sha256), bytes);
      }
      await pipeline.exec();
    }
  }
}

/** A client key and the settings that make it known. */
export function clientKey(secret: string, given: Partial<ClientKeySettings> = {}): ClientKeySettings {
  return {
    id: 'key-1',
    sha256: sha256Hex(secret),
    consumer: 'partner',
    site: null,
    jurisdiction: null,
    scopes: ['read', 'sync', 'receipts'],
    ...given,
  };
}
