import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '@paddock/runtime';
import { temporaryDirectory } from '@paddock/testing';
import { contentOf, MemoryEnvironment } from '../../test/build-state.js';
import { BlobArena } from '../state/blob-arena.js';
import { BodyCache } from '../state/body-cache.js';
import { recover, type Recovered } from './recover.js';
import { StateDirectory } from './state-directory.js';

const logger = createLogger('edge', 'silent');
/** However busy the machine is: these tests are about what is written, not how fast. */
const PATIENT = { writeMs: 25_000, syncMs: 25_000 };

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let memory: MemoryEnvironment;

beforeEach(async () => {
  directory = await temporaryDirectory();
  memory = new MemoryEnvironment();
});

afterEach(() => directory.remove());

/** What a process that starts now would find. */
function recovered(): Promise<Recovered | undefined> {
  return recover(directory.path, 'production', { arena: new BlobArena(), cache: new BodyCache() });
}

/** Lands promos one by one through a journal and returns what was live after each. */
async function journal(disk: StateDirectory, count: number): Promise<string[][]> {
  const history = [contentOf(memory.state)];
  for (let index = 0; index < count; index += 1) {
    const step = memory.step([
      { kind: 'promo', key: `p${index}`, body: { title: `Promo ${index}`, tags: ['home'] } },
      ...(index > 1 ? [{ kind: 'promo' as const, key: `p${index - 2}` }] : []),
    ]);
    await disk.append(memory.state.position, step, memory.environment.impactOf(step.changes, step.updates));
    memory.apply(step);
    history.push(contentOf(memory.state));
  }
  await disk.sync();
  return history;
}

async function onlyFile(prefix: string): Promise<string> {
  const names = (await readdir(directory.path)).filter((name) => name.startsWith(prefix));
  expect(names).toHaveLength(1);
  return join(directory.path, names[0] ?? '');
}

describe('the state on disk', () => {
  it('comes back as it was: documents, settings, position and recent releases', async () => {
    const disk = new StateDirectory(directory.path, logger, PATIENT);
    memory.land([
      {
        kind: 'layout',
        key: 'home',
        body: { page: 'home', slots: [{ name: 'main', items: [{ promos: { tags: ['home'], limit: 5 } }] }] },
      },
    ]);
    await disk.maintain(memory.environment);
    await journal(disk, 5);
    await disk.close();
    const found = await recovered();
    expect(found && contentOf(found.state)).toEqual(contentOf(memory.state));
    expect(found?.state.position).toEqual(memory.state.position);
    expect(found?.settings).toEqual({ sha256: 'a'.repeat(64), settings: memory.environment.settings?.settings });
    expect(found?.recent.map(({ change, pages }) => [change.seq, pages])).toEqual(
      [2, 3, 4, 5, 6].map((seq) => [seq, ['acme-uk/home']]),
    );
    expect(found?.damage).toEqual([]);
  });

  it.each(['the journal', 'a snapshot'])(
    'keeps refused documents with their last good bodies, in %s',
    async (where) => {
      const disk = new StateDirectory(directory.path, logger, PATIENT);
      const land = async (edits: Parameters<MemoryEnvironment['step']>[0]): Promise<void> => {
        const step = memory.step(edits);
        await disk.append(memory.state.position, step, memory.environment.impactOf(step.changes, step.updates));
        memory.apply(step);
      };
      const bad = (key: string) => ({ kind: 'promo' as const, key, body: JSON.parse('{"title":7}') });
      await disk.maintain(memory.environment);
      await disk.idle();
      await land([{ kind: 'promo', key: 'one', body: { title: 'Good', tags: ['home'] } }]);
      await land([bad('one'), bad('new')]);
      expect(memory.state.proved.seq).toBe(1);
      if (where === 'a snapshot') {
        disk.replaced();
        await disk.maintain(memory.environment);
      }
      await disk.sync();
      await disk.close();
      const found = await recovered();
      expect(found?.damage).toEqual([]);
      expect(found?.state.position).toEqual(memory.state.position);
      expect(found?.state.proved).toEqual(memory.state.proved);
      expect(found?.state.promo('acme-uk', 'one')?.body.title).toBe('Good');
      expect(found?.state.promo('acme-uk', 'new')).toBeUndefined();
      expect([...(found?.state.promosByTags('acme-uk', ['home']) ?? [])].map(({ body }) => body.title)).toEqual([
        'Good',
      ]);
      expect(found?.state.refused.map(({ ref, refused }) => [ref, refused])).toEqual([
        ['promo/acme-uk/one', 'title must be a text'],
        ['promo/acme-uk/new', 'title must be a text'],
      ]);
    },
  );

  it('has what was being written while the process stood still', async () => {
    const disk = new StateDirectory(directory.path, logger, PATIENT);
    await disk.maintain(memory.environment);
    await disk.close();
    const paused = new StateDirectory(directory.path, logger, { ...PATIENT, writeMs: 2_000 });
    await paused.recover('production', { arena: new BlobArena(), cache: new BodyCache() });
    const step = memory.step([{ kind: 'promo', key: 'later', body: { title: 'Later' } }]);
    const appended = paused.append(
      memory.state.position,
      step,
      memory.environment.impactOf(step.changes, step.updates),
    );
    for (const wokenAt = performance.now() + 2_200; performance.now() < wokenAt;);
    await appended;
    expect(paused.problem).toBeUndefined();
    await paused.close();
    memory.apply(step);
    expect((await recovered())?.state.position).toEqual(memory.state.position);
  });

  it('continues a journal after a restart', async () => {
    const first = new StateDirectory(directory.path, logger, PATIENT);
    await first.maintain(memory.environment);
    await journal(first, 3);
    await first.close();
    const second = new StateDirectory(directory.path, logger, PATIENT);
    await second.recover('production', { arena: new BlobArena(), cache: new BodyCache() });
    const step = memory.step([{ kind: 'promo', key: 'later', body: { title: 'Later' } }]);
    await second.append(memory.state.position, step, []);
    memory.apply(step);
    await second.close();
    const found = await recovered();
    expect(found && contentOf(found.state)).toEqual(contentOf(memory.state));
  });

  it('torn anywhere in its journal, is the newest state that was written as a whole', async () => {
    const disk = new StateDirectory(directory.path, logger, PATIENT);
    await disk.maintain(memory.environment);
    const history = await journal(disk, 4);
    await disk.close();
    const file = await onlyFile('journal');
    const whole = await readFile(file);
    let reached = -1;
    for (let length = 0; length <= whole.length; length += length < whole.length - 40 ? 19 : 1) {
      await writeFile(file, whole.subarray(0, length));
      const found = await recovered();
      const seq = found?.state.position.seq ?? -1;
      expect(found && contentOf(found.state)).toEqual(history[seq]);
      expect(seq).toBeGreaterThanOrEqual(reached);
      reached = seq;
    }
    expect(reached).toBe(4);
  });

  it('with any byte of its journal flipped, is a state that once was', async () => {
    const disk = new StateDirectory(directory.path, logger, PATIENT);
    await disk.maintain(memory.environment);
    const history = await journal(disk, 3);
    await disk.close();
    const file = await onlyFile('journal');
    const whole = await readFile(file);
    for (let at = 0; at < whole.length; at += 11) {
      const flipped = Buffer.from(whole);
      flipped.writeUInt8(flipped.readUInt8(at) ^ 0x10, at);
      await writeFile(file, flipped);
      const found = await recovered();
      expect(found && contentOf(found.state)).toEqual(history[found?.state.position.seq ?? -1]);
      expect(found?.state.position.seq).toBeLessThan(3);
      expect(found?.damage).toHaveLength(1);
    }
  });

  it('with its newest snapshot damaged or cut, comes from the one before and both journals', async () => {
    const disk = new StateDirectory(directory.path, logger, PATIENT);
    await disk.maintain(memory.environment);
    await journal(disk, 2);
    await disk.idle();
    disk.replaced();
    await disk.maintain(memory.environment);
    await journal(disk, 3);
    await disk.close();
    const [, newest = ''] = (await readdir(directory.path)).filter((name) => name.startsWith('snapshot')).sort();
    const file = join(directory.path, newest);
    const whole = await readFile(file);
    for (let at = 0; at < whole.length; at += 13) {
      const flipped = Buffer.from(whole);
      flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
      await writeFile(file, flipped);
      const found = await recovered();
      expect(found && contentOf(found.state)).toEqual(contentOf(memory.state));
      expect(found?.snapshot).toBe(1);
      await writeFile(file, whole);
      await truncate(file, at);
      const cut = await recovered();
      expect(cut && contentOf(cut.state)).toEqual(contentOf(memory.state));
    }
  });

  it('keeps two generations and no more', async () => {
    const disk = new StateDirectory(directory.path, logger, PATIENT);
    for (let generation = 0; generation < 4; generation += 1) {
      disk.replaced();
      await disk.maintain(memory.environment);
      await journal(disk, 1);
      await disk.idle();
    }
    await disk.close();
    expect((await readdir(directory.path)).sort()).toEqual([
      'journal-0000000003',
      'journal-0000000004',
      'snapshot-0000000003',
      'snapshot-0000000004',
    ]);
  });

  it('that is nothing but rubbish is no state, and a new one can be written over it', async () => {
    await writeFile(join(directory.path, 'snapshot-0000000007'), 'rubbish');
    await writeFile(join(directory.path, 'journal-0000000009'), Buffer.alloc(100));
    const disk = new StateDirectory(directory.path, logger, PATIENT);
    expect(await disk.recover('production', { arena: new BlobArena(), cache: new BodyCache() })).toBeUndefined();
    await disk.maintain(memory.environment);
    await journal(disk, 2);
    await disk.close();
    const found = await recovered();
    expect(found && contentOf(found.state)).toEqual(contentOf(memory.state));
  });

  it('of another environment is not taken for this one', async () => {
    const disk = new StateDirectory(directory.path, logger, PATIENT);
    await disk.maintain(new MemoryEnvironment('staging').environment);
    await disk.close();
    await expect(recovered()).rejects.toThrow('no snapshot is whole');
  });

  it('that cannot be written is said, and tried again, and stops nothing', async () => {
    const blocked = join(directory.path, 'file');
    await writeFile(blocked, 'in the way');
    const disk = new StateDirectory(join(blocked, 'production'), logger, PATIENT);
    await disk.maintain(memory.environment);
    expect(disk.problem).toMatch(/ENOTDIR/);
    await journal(disk, 1);
    expect(contentOf(memory.state)).toHaveLength(1);
    await disk.close();
  });
});
