import { describe, expect, it } from 'vitest';
import { Subscriber } from './subscriber.js';

describe('a slow reader', () => {
  it('gets the newest value of each point, once', async () => {
    const reader = new Subscriber<number>(() => undefined);
    for (let value = 0; value < 1_000; value += 1) reader.push([[`point ${value % 3}`, value]]);
    expect(reader.size).toBe(3);
    expect(await reader.next()).toEqual({ done: false, value: [999, 997, 998] });
    const next = reader.next();
    reader.push([['point 1', 1_000]]);
    expect(await next).toEqual({ done: false, value: [1_000] });
  });

  it('restarts on reset, and ends while it waits', async () => {
    let ended = 0;
    const reader = new Subscriber<number>(() => (ended += 1));
    reader.push([['old', 1]]);
    reader.push([['new', 2]], { reset: true });
    expect((await reader.next()).value).toEqual([2]);
    const waiting = reader.next();
    await reader.return();
    await reader.return();
    expect([await waiting, ended]).toEqual([{ done: true, value: undefined }, 1]);
  });
});
