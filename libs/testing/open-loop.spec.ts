import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openLoop } from './open-loop.js';
import { until } from './until.js';

test('a server that stalls once delays every request that was due meanwhile', async () => {
  let sent = 0;
  const wokenAt = performance.now() + 300;
  const load = openLoop({ perSecond: 200 }, async () => {
    sent += 1;
    await delay(Math.max(0, wokenAt - performance.now()));
  });
  await until(() => sent >= 100);
  const report = await load.stop();
  expect(report.sent).toBeGreaterThanOrEqual(100);
  expect(report.dropped).toBe(0);
  expect(report.delayMs(1)).toBeGreaterThanOrEqual(290);
  expect(report.delayMs(0.7)).toBeGreaterThan(50);
});

test('failures are reported, not thrown, and what exceeds the bound is counted', async () => {
  let calls = 0;
  const load = openLoop({ perSecond: 500, maxInFlight: 2 }, async (number) => {
    calls += 1;
    if (number % 2 === 0) throw new Error(`no ${number}`);
    await delay(40);
  });
  await until(() => calls >= 10);
  const report = await load.stop();
  expect(report.errors.map(String)).toContain('Error: no 0');
  expect(report.dropped).toBeGreaterThan(0);
});
