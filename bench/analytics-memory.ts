import { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inDirectory, metricsOf, post, withAnalytics } from './analytics-ingest.js';
import { betBody } from './bets.js';
import type { Outcome } from './figures.js';
import type { Servers } from './installation.js';
import { megabytes, median } from './statistics.js';

const PER_SECOND = 10_000;
const PER_POST = 1_000;
const SAMPLE_MS = 5_000;

/** Whether the memory of an analytics process stays as it is while events come all the time: its last fifth against its second. */
export function benchAnalyticsMemory(servers: Servers, { minutes = 30 } = {}): Promise<Outcome> {
  return inDirectory((directory) =>
    withAnalytics(servers, join(directory, 'memory'), async ({ app }) => {
      const agent = new Agent({ keepAlive: true });
      const samples: number[] = [];
      const begun = performance.now();
      let [sent, sampledAt] = [0, 0];
      while (performance.now() - begun < minutes * 60_000) {
        await delay(Math.max(0, begun + (sent * 1_000) / PER_SECOND - performance.now()));
        await post(app.url, betBody(sent, PER_POST, Date.now()), agent);
        sent += PER_POST;
        if (performance.now() - sampledAt < SAMPLE_MS) continue;
        sampledAt = performance.now();
        samples.push(
          Number(/process_resident_memory_bytes\{[^}]*\} (\d+)/.exec(await metricsOf(app.operationsUrl))?.[1] ?? 0),
        );
      }
      agent.destroy();
      const fifth = Math.floor(samples.length / 5);
      const [early, late] = [median(samples.slice(fifth, 2 * fifth)), median(samples.slice(-fifth))];
      return {
        figures: [
          {
            name: `memory after ${minutes} minutes of ${PER_SECOND.toLocaleString('en')} events/s`,
            measured: megabytes(late),
            limit: `${megabytes(early)} in the second fifth`,
            ratio: late / early,
            bar: { atMost: 1.2 },
          },
        ],
        observations: [{ name: 'events sent meanwhile', value: sent.toLocaleString('en') }],
      };
    }),
  );
}
