import { describe, expect, it } from 'vitest';
import type { AdoptionRunRow } from '../adoption.entity.js';
import { watchRun } from './run-stream.js';

const row = (state: AdoptionRunRow['state'], rowsDone: number) => ({ state, rowsDone }) as AdoptionRunRow;

async function all(rows: AsyncIterableIterator<AdoptionRunRow>): Promise<number[]> {
  const seen: number[] = [];
  for await (const { rowsDone } of rows) seen.push(rowsDone);
  return seen;
}

describe('watching a run', () => {
  it('tells of every step once, and ends with the run', async () => {
    const states = [row('RUNNING', 0), row('RUNNING', 0), row('RUNNING', 1_000), row('DONE', 2_000)];
    expect(await all(watchRun(() => Promise.resolve(states.shift() ?? row('FAILED', -1))))).toEqual([0, 1_000, 2_000]);
  });

  it('ends at once when its watcher leaves', async () => {
    const rows = watchRun(() => Promise.resolve(row('RUNNING', 5)));
    expect((await rows.next()).value).toMatchObject({ rowsDone: 5 });
    const waiting = rows.next();
    await rows.return?.();
    expect((await waiting).done).toBe(true);
  });
});
