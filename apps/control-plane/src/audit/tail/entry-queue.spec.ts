import { describe, expect, test } from 'vitest';
import { fc } from '@paddock/testing';
import type { AuditEntryRow } from '../audit.entity.js';
import { EntryQueue, type EntryRun } from './entry-queue.js';

const entry = (number: number, action = 'draft.saved'): AuditEntryRow => ({
  ...{ number, action, actor: 'alice', targetType: 'document', targetId: 'd', details: '{}', requestId: null },
  ...{ at: new Date(0), prevHash: '', hash: '' },
});

/** A log, and a queue that follows it. */
function following(groupOf: (entry: AuditEntryRow) => string | undefined = ({ action }) => action) {
  const log: AuditEntryRow[] = [];
  const reads: number[] = [];
  const state = { closed: false, fails: 0 };
  const queue = new EntryQueue(0, {
    groupOf,
    readAfter: (number) => {
      reads.push(number);
      if (state.fails > 0) {
        state.fails -= 1;
        return Promise.resolve(undefined);
      }
      return Promise.resolve(log.filter((one) => one.number > number).slice(0, 200));
    },
    onClose: () => void (state.closed = true),
  });
  const append = (...actions: string[]) =>
    actions.map((action) => {
      const added = entry(log.length + 1, action);
      log.push(added);
      return added;
    });
  const take = async (): Promise<readonly number[]> => numbers(await queue.next());
  return { queue, log, reads, state, append, take };
}

function numbers({ value }: IteratorResult<EntryRun>): readonly number[] {
  return Array.isArray(value) ? value.map((one: AuditEntryRow) => one.number) : [];
}

describe('the queue of one follower of the log', () => {
  test('neighbours of one group come as one run, in order, and other entries end it', async () => {
    const { queue, append, take } = following();
    for (const one of append('a', 'a', 'b', 'a')) queue.add(one);
    expect([await take(), await take(), await take()]).toEqual([[1, 2], [3], [4]]);
  });

  test('unwanted entries are skipped, and do not end a run', async () => {
    const { queue, append, take } = following(({ action }) => (action === 'x' ? undefined : action));
    for (const one of append('x', 'a', 'x', 'a')) queue.add(one);
    expect(await take()).toEqual([2, 4]);
  });

  test('entries before its start are skipped', async () => {
    const { queue, append, take } = following();
    const [first, second] = append('a', 'a');
    if (!first || !second) throw new Error('two entries were appended');
    queue.add(first);
    queue.add(first);
    queue.add(second);
    expect(await take()).toEqual([1, 2]);
  });

  test('five thousand entries while it is busy: all are delivered, and few wait in memory', async () => {
    const { queue, append, take, reads } = following(({ number }) => String(number));
    for (const one of append(...Array.from({ length: 5_000 }, () => 'a'))) queue.add(one);
    const seen: number[] = [];
    while (seen.length < 5_000) seen.push(...(await take()));
    expect(seen).toEqual(Array.from({ length: 5_000 }, (_, index) => index + 1));
    // A thousand waited; the others were read again, 200 at a time.
    expect(reads).toHaveLength(20);
  });

  test('a gap is read from the log, also where the log cannot be read at first', async () => {
    const { queue, append, take, state } = following();
    append('a', 'a');
    const [third] = append('a');
    if (!third) throw new Error('an entry was appended');
    state.fails = 1;
    queue.add(third);
    expect(await take()).toEqual([1, 2, 3]);
  });

  test('every entry comes once and in order, even if entries are dropped or repeated', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 60 }), async (handed) => {
        const { queue, append, take } = following(({ number }) => String(number));
        for (const times of handed) for (const one of append('a')) for (let n = 0; n < times; n += 1) queue.add(one);
        // The last entry is always pushed: nothing else shows that there are more.
        for (const one of append('a')) queue.add(one);
        const seen: number[] = [];
        while (seen.length < handed.length + 1) seen.push(...(await take()));
        expect(seen).toEqual(Array.from({ length: handed.length + 1 }, (_, index) => index + 1));
      }),
    );
  });

  test('ends at once when it is closed while it waits', async () => {
    const { queue, state } = following();
    const waiting = queue.next();
    await queue.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(state.closed).toBe(true);
  });
});
