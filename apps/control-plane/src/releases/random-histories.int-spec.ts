import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { advanceStateHash, EMPTY_STATE } from '@paddock/contracts';
import { type Random, seededRandom } from '@paddock/testing';
import type { Actor } from '../access/actor.js';
import { verifyChain } from '../audit/verify/verify-chain.js';
import { Drafts } from '../documents/drafts.js';
import { ProblemError } from '../graphql/problems.js';
import { LiveState } from './live-state.js';
import { Publish } from './publish.js';
import { EnvironmentRow, type ReleaseRow } from './release.entity.js';
import { Releases } from './releases.js';
import { Rollback } from './rollback.js';
import { testWorld, type World } from '../testing/world.js';

/** The live state as document name → SHA-256 of its body: the whole model of an environment. */
type Live = ReadonlyMap<string, string>;

const PROMOS = ['a', 'b', 'c', 'd', 'e'] as const;
const PAGES = ['home', 'sport'] as const;

/**
 * Random histories of edits, releases, removals and rollbacks, held against a model that is a list of maps. The model
 * does not judge whether something may land; it says what must be live once it did, and what may never be live.
 */
describe('random histories of releases', () => {
  let world: World;

  beforeAll(async () => {
    world = await testWorld();
    await world.seed().site('acme-uk');
  });
  afterAll(() => world.close());

  it.each([1, 2, 3, 4, 5, 6])('agree with the model (history %i)', async (nth) => {
    const random = seededRandom();
    const environment = `history-${nth}`;
    await world.seed().environment(environment);
    const history = new History(world, environment, (await world.signedIn('PUBLISHER')).actor, derived(random, nth));
    for (let step = 0; step < 30; step += 1) await history.step();
    await history.check();
  });

  it('leave an audit chain that verifies', async () => {
    expect(await verifyChain(world.db.manager)).toMatchObject({ ok: true });
  });
});

const derived = (random: Random, nth: number) => seededRandom((random.seed + nth) % 2 ** 32);

class History {
  /** What is live after each seq, from 0. */
  private readonly model: Live[] = [new Map()];
  private readonly landed: { release: ReleaseRow; changed: string[] }[] = [];
  private readonly ids = new Map<string, string>();
  private readonly locks = new Map<string, number>();

  constructor(
    private readonly world: World,
    private readonly environment: string,
    private readonly actor: Actor,
    private readonly random: Random,
  ) {}

  private get<T extends object>(type: new (...args: never[]) => T): T {
    return this.world.app.get(type, { strict: false });
  }

  async step(): Promise<void> {
    const act = this.random.pick([
      () => this.release(),
      () => this.release(),
      () => this.removal(),
      () => this.rollback(),
      () => this.rollbackDocument(),
    ]);
    try {
      await act();
    } catch (error) {
      // Refused: nothing may have changed, which `check` sees from seq and hashes.
      if (!(error instanceof ProblemError)) throw new Error(`seed ${this.random.seed}`, { cause: error });
    }
  }

  private async release(): Promise<void> {
    const names = new Set([await this.edit(), ...(this.random.next() < 0.6 ? [await this.edit()] : [])]);
    await this.publish([...names], []);
  }

  private async removal(): Promise<void> {
    const live = [...this.current.keys()];
    const [first, ...rest] = live;
    if (first) await this.publish([], [this.random.pick([first, ...rest])]);
  }

  private async publish(put: string[], remove: string[]): Promise<void> {
    const idOf = (name: string) => this.ids.get(name) ?? '';
    const created = await this.get(Releases).create(this.actor, {
      ...{ environment: this.environment, title: 'random' },
      ...{ documents: put.map(idOf), remove: remove.map(idOf) },
    });
    const bodies = await this.pinned(created.id);
    const release = await this.get(Publish).publishAsPlanned(this.actor, created);
    const next = new Map(this.current);
    for (const name of remove) next.delete(name);
    for (const name of put) next.set(name, bodies.get(idOf(name)) ?? '');
    this.note(release, next, [...put, ...remove]);
  }

  /** Rolls a random landed release back; all that it changed returns to the state of the model before it. */
  private async rollback(): Promise<void> {
    const [first, ...rest] = this.landed;
    if (!first) return;
    const { release: reverted, changed } = this.random.pick([first, ...rest]);
    const release = await this.get(Rollback).release(this.actor, {
      ...{ id: reverted.id, keep: [], reason: 'random', idempotencyKey: randomUUID() },
    });
    const before = this.model[(reverted.seq ?? 0) - 1] ?? new Map<string, string>();
    const next = new Map(this.current);
    for (const name of changed) {
      const sha256 = before.get(name);
      if (sha256 === undefined) next.delete(name);
      else next.set(name, sha256);
    }
    // An unchanged document is no part of the rollback, and does not return when the rollback itself is rolled back.
    const touched = await this.itemsOf(release.id);
    for (const name of changed)
      if (!touched.includes(name)) expect([name, next.get(name)]).toEqual([name, this.current.get(name)]);
    this.note(release, next, touched);
  }

  private async rollbackDocument(): Promise<void> {
    const name = `promo/${this.random.pick(PROMOS)}`;
    const documentId = this.ids.get(name);
    if (!documentId) return;
    const toRevision = this.random.integer(1, 4);
    const release = await this.get(Rollback).document(this.actor, {
      ...{ environment: this.environment, documentId, toRevision, reason: 'random', idempotencyKey: randomUUID() },
    });
    const sha256 = (await this.pinned(release.id)).get(documentId) ?? '';
    expect(this.model.some((live) => live.get(name) === sha256)).toBe(true);
    this.note(release, new Map(this.current).set(name, sha256), [name]);
  }

  /** Saves a promo, or a layout that shows some promos: live, removed or never made. */
  private async edit(): Promise<string> {
    const isPromo = this.random.next() < 0.7;
    const key = `${isPromo ? this.random.pick(PROMOS) : this.random.pick(PAGES)}-${this.environment}`;
    const kind = isPromo ? 'promo' : 'layout';
    const shown = PROMOS.filter(() => this.random.next() < 0.3).map((promo) => ({
      promo: `${promo}-${this.environment}`,
    }));
    const body = isPromo
      ? { title: `t${this.random.integer(1, 5)}` }
      : { page: key, slots: [{ name: 'main', items: shown }] };
    const name = `${kind}/${isPromo ? key.slice(0, 1) : key}`;
    const saved = await this.get(Drafts).save(this.actor, {
      ...{ kind, key, site: 'acme-uk', lockVersion: this.locks.get(name), body, bodyPath: `body.${kind}` },
    });
    this.locks.set(name, (this.locks.get(name) ?? 0) + 1);
    this.ids.set(name, saved.id);
    return name;
  }

  private get current(): Live {
    return this.model.at(-1) ?? new Map();
  }

  private note(release: ReleaseRow, live: Live, changed: string[]): void {
    expect({ seed: this.random.seed, seq: release.seq }).toEqual({ seed: this.random.seed, seq: this.model.length });
    this.model.push(live);
    this.landed.push({ release, changed });
  }

  private async itemsOf(releaseId: string): Promise<string[]> {
    const rows: { documentId: string }[] = await this.world.db.manager.query(
      'SELECT document_id AS documentId FROM release_item WHERE release_id = ?',
      [releaseId],
    );
    return [...this.ids].flatMap(([name, id]) => (rows.some(({ documentId }) => documentId === id) ? [name] : []));
  }

  private async pinned(releaseId: string): Promise<Map<string, string>> {
    const rows: { documentId: string; sha256: string }[] = await this.world.db.manager.query(
      `SELECT i.document_id AS documentId, r.sha256 FROM release_item i
       JOIN revision r ON r.document_id = i.document_id AND r.number = i.revision WHERE i.release_id = ?`,
      [releaseId],
    );
    return new Map(rows.map((row) => [row.documentId, row.sha256]));
  }

  /** Every point of the history is in MySQL as the model has it, with its hash; and no live page was ever broken. */
  async check(): Promise<void> {
    const names = new Map([...this.ids].map(([name, id]) => [id, name]));
    for (const [seq, expected] of this.model.entries()) {
      let hash = EMPTY_STATE;
      const live = new Map<string, string>();
      for await (const page of this.get(LiveState).all(this.world.db.manager, this.environment, seq, 3)) {
        for (const document of page) {
          live.set(names.get(document.documentId) ?? 'unknown', document.sha256);
          hash = advanceStateHash(hash, [{ ref: document.ref, before: null, after: document.sha256 }]);
        }
      }
      const where = { seed: this.random.seed, seq };
      expect({ ...where, live: [...live].sort() }).toEqual({ ...where, live: [...expected].sort() });
      expect({ ...where, hash }).toEqual({ ...where, hash: this.landed[seq - 1]?.release.stateHash ?? EMPTY_STATE });
      await this.pagesAreWhole(seq, live);
    }
    const environment = await this.world.db.manager.findOneByOrFail(EnvironmentRow, { name: this.environment });
    expect(environment.headSeq).toBe(this.model.length - 1);
    // A history in which nothing lands would prove nothing.
    expect(environment.headSeq).toBeGreaterThan(5);
  }

  private async pagesAreWhole(seq: number, live: ReadonlyMap<string, string>): Promise<void> {
    for (const [name, sha256] of live) {
      if (!name.startsWith('layout/')) continue;
      const [row] = await this.world.db.manager.query<{ body: string }[]>(
        'SELECT body FROM revision WHERE sha256 = ? LIMIT 1',
        [sha256],
      );
      const body: { slots: { items: { promo: string }[] }[] } = JSON.parse(row?.body ?? '');
      for (const { promo } of body.slots.flatMap((slot) => slot.items)) {
        expect({ seed: this.random.seed, seq, promo, live: live.has(`promo/${promo.slice(0, 1)}`) }).toMatchObject({
          live: true,
        });
      }
    }
  }
}
