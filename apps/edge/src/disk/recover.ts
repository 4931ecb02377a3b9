import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { advanceStateHash, EMPTY_STATE } from '@paddock/contracts';
import type { NamedSettings } from '@paddock/live-config';
import type { BlobArena } from '../state/blob-arena.js';
import type { BodyCache } from '../state/body-cache.js';

import { type DocumentUpdate, LiveState, type Position } from '../state/live-state.js';
import type { AppliedChange } from '../state/recent-changes.js';
import { generations, journalName, snapshotName } from './files.js';
import { type Frame, readFrames } from './frames.js';
import { decodeDocuments, decodeSnapshotHead, decodeStep, isSnapshotEnd, type JournalStep } from './records.js';

/** What a disk held: the newest state that proves itself. */
export interface Recovered {
  state: LiveState;
  settings: NamedSettings | undefined;
  recent: AppliedChange[];
  /** The snapshot that it rests upon. */
  snapshot: number;
  /** The journal that was read last and how much of it is good; `undefined` where no journal can be continued. */
  journal: { generation: number; goodBytes: number } | undefined;
  /** What was found damaged, in words for the log. */
  damage: string[];
}

/** There are snapshots and none of them is whole: what was served from here cannot be served again without upstream. */
export class DamagedState extends Error {
  constructor(readonly damage: readonly string[]) {
    super(`no snapshot is whole: ${damage.join('; ')}`);
  }
}

/** Where recovered bodies go. */
export interface Memory {
  arena: BlobArena;
  cache: BodyCache;
}

/**
 * Reads the newest snapshot that is whole, and every journalled step after it, as far as each one follows from the one
 * before. Checksums, body hashes and state hashes must all agree; where they end to agree, the state before that is it.
 * `undefined` where nothing was ever kept.
 * @throws DamagedState
 */
export async function recover(directory: string, environment: string, memory: Memory): Promise<Recovered | undefined> {
  const damage: string[] = [];
  for (const generation of (await generations(directory, 'snapshot')).reverse()) {
    try {
      const found = await readSnapshot(join(directory, snapshotName(generation)), environment, memory);
      const recovered: Recovered = { ...found, recent: [], snapshot: generation, journal: undefined, damage };
      await replayJournals(directory, recovered, memory);
      return recovered;
    } catch (error) {
      damage.push(`${snapshotName(generation)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (damage.length > 0) throw new DamagedState(damage);
  return undefined;
}

async function readSnapshot(path: string, environment: string, { arena, cache }: Memory) {
  const file = await open(path, 'r');
  let state: LiveState | undefined;
  try {
    const frames = readFrames(file)[Symbol.asyncIterator]();
    const first = await frames.next();
    if (first.done) throw new Error('it has no beginning');
    const head = decodeSnapshotHead(first.value, environment);
    state = new LiveState(head.position, cache.decode, head.proved);
    let hash = EMPTY_STATE;
    for (;;) {
      const next = await frames.next();
      if (next.done) throw new Error('it has no end');
      if (isSnapshotEnd(next.value)) break;
      const updates = decodeDocuments(next.value, arena);
      hash = advanceStateHash(
        hash,
        updates.map(({ ref, next: body }) => ({ ref, before: null, after: body?.blob.sha256 ?? null })),
      );
      for (const update of updates) state.set(state.prepare(update));
      await setImmediate();
    }
    // What was refused may fit this version.
    if (state.refused.length === 0) state.arrive(head.position, []);
    if (state.size !== head.documents || hash !== head.position.stateHash)
      throw new Error('its documents are not those that its beginning names');
    return { state, settings: head.settings };
  } catch (error) {
    for (const document of state?.documents() ?? []) for (const blob of document.held) arena.release(blob);
    throw error;
  } finally {
    await file.close();
  }
}

async function replayJournals(directory: string, recovered: Recovered, memory: Memory): Promise<void> {
  const journals = (await generations(directory, 'journal')).filter((generation) => generation >= recovered.snapshot);
  for (const generation of journals) {
    recovered.journal = undefined;
    const path = join(directory, journalName(generation));
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const goodBytes = await replay(readFrames(file), recovered, memory);
      if (goodBytes < size)
        recovered.damage.push(
          `${journalName(generation)}: ${size - goodBytes} of ${size} bytes at its end are not usable`,
        );
      recovered.journal = { generation, goodBytes };
    } finally {
      await file.close();
    }
  }
}

/** Applies steps as long as they fit, and returns the length of the file up to the last one that did. */
async function replay(frames: AsyncIterable<Frame>, recovered: Recovered, { arena }: Memory): Promise<number> {
  let goodBytes = 0;
  for await (const frame of frames) {
    try {
      const step = decodeStep(frame);
      if (!isSame(step.before, recovered.state.position)) break;
      const updates = decodeDocuments(frame, arena);
      if (!applyStep(recovered.state, step, updates, arena)) break;
      recovered.settings = step.settings ?? recovered.settings;
      recovered.recent.push(...step.changes);
      goodBytes = frame.end;
    } catch {
      // A whole frame that this version cannot read ends the journal as a torn one does; the size that is left says so.
      break;
    }
  }
  return goodBytes;
}

function applyStep(
  state: LiveState,
  { position, changes }: JournalStep,
  updates: DocumentUpdate[],
  arena: BlobArena,
): boolean {
  const prepared = updates.map((update) => state.prepare(update));
  const hash = advanceStateHash(
    state.position.stateHash,
    prepared.map(({ ref, previous, next }) => ({
      ref,
      before: previous?.document.blob.sha256 ?? null,
      after: next?.blob.sha256 ?? null,
    })),
  );
  if (hash !== position.stateHash) {
    for (const { next } of prepared) if (next) arena.release(next.blob);
    return false;
  }
  for (const update of prepared) {
    for (const replaced of state.set(update)) arena.release(replaced);
  }
  if (changes.length > 0)
    state.arrive(
      position,
      changes.map(({ change }) => change),
    );
  return true;
}

function isSame(a: Position, b: Position): boolean {
  return a.epoch === b.epoch && a.seq === b.seq && a.stateHash === b.stateHash;
}
