import { setTimeout as delay } from 'node:timers/promises';
import type { Figure, Observation, Outcome } from './figures.js';
import type { Servers } from './installation.js';
import { count, QUESTIONS, setStage, type Stage, describeLoad, type Way, WINDOW_MS } from './proxy-stage.js';
import { ms } from './statistics.js';

/** It answers at once, and refuses who asks for one thing twice in a second. */
const STEADY = { seed: 1, medianMs: 0, p95Ms: 0, stallShare: 0, stallMs: 0, capacity: 1_000, limited: true };
const SLOW = { seed: 7, medianMs: 80, p95Ms: 900, stallShare: 0.01, stallMs: 5_000, capacity: 50, limited: false };

/** Reads per second of the slow upstream's prices. */
const SLOW_PER_SECOND = 100;
/** The speed-up that the proxy must give while the upstream is slow. */
const GAIN_MS = 600;

/** How many clients poll all questions, how often, and by which ways besides the proxy. */
interface Polling {
  readonly clients: number;
  readonly everySeconds: number;
  readonly beside: readonly Way[];
}

/** How long the rows take. */
export interface ProxySizes {
  readonly seconds: number;
  readonly slowSeconds: number;
  readonly pollings: readonly Polling[];
}

export const PROXY_SIZES: ProxySizes = {
  seconds: 6,
  slowSeconds: 12,
  pollings: [
    { clients: 1, everySeconds: 1, beside: [] },
    { clients: 10, everySeconds: 1, beside: [] },
    { clients: 100, everySeconds: 1, beside: ['direct', 'nginx'] },
    { clients: 1_000, everySeconds: 10, beside: [] },
  ],
};

export const PROXY_LONG_SIZES: ProxySizes = {
  seconds: 60,
  slowSeconds: 60,
  pollings: [1, 10, 100, 1_000].map((clients) => ({ clients, everySeconds: 1, beside: ['direct', 'nginx'] as const })),
};

/** Duplicate requests: many clients poll the same twenty things, directly and through two processes of the proxy. */
export async function benchDuplicates(servers: Servers, { seconds, pollings }: ProxySizes): Promise<Outcome> {
  const stage = await setStage(servers, STEADY);
  const figures: Figure[] = [];
  const observations: Observation[] = [
    {
      name: 'third party',
      value: `${stage.source}; it answers 429 to a second request for one thing within a second`,
    },
  ];
  try {
    for (const polling of pollings) {
      const row = await pollProxy(stage, polling, seconds);
      figures.push(...row.figures);
      observations.push(...row.observations);
    }
  } finally {
    await stage.stop();
  }
  return { figures, observations };
}

async function pollProxy(stage: Stage, { clients, everySeconds, beside }: Polling, seconds: number): Promise<Outcome> {
  const shape = { perSecond: (clients * QUESTIONS.length) / everySeconds, seconds };
  await newSecond(stage);
  const through = await stage.load('proxy', shape);
  const { requests, refused, beyondWindows } = await stage.counts();
  // The load may begin within a window and end within another.
  const limit = QUESTIONS.length * (Math.floor(through.tookMs / WINDOW_MS) + 1);
  const polling = `${clients === 1 ? 'a client' : `${count(clients)} clients`} polling ${QUESTIONS.length} things every ${everySeconds} s for ${seconds} s`;
  const observations: Observation[] = [
    {
      name: `proxy, ${polling}`,
      value: `${describeLoad(through)}; the upstream refused ${count(refused)} of its ${count(requests)} requests; ${removed(requests, through.sent)}`,
    },
  ];
  for (const way of beside) {
    if (way === 'nginx' && stage.nginxVersion === undefined) {
      observations.push({ name: 'nginx', value: NO_NGINX });
      continue;
    }
    const name = way === 'nginx' ? (stage.nginxVersion ?? way) : way;
    // nginx gets the same warm cache as the proxy.
    if (way === 'nginx') await stage.load(way, { ...shape, seconds: 2 });
    await newSecond(stage);
    const report = await stage.load(way, shape);
    const asked = await stage.counts();
    observations.push({
      name: `${name}, the same`,
      value: `${describeLoad(report)}; the upstream refused ${count(asked.refused)} of ${count(asked.requests)} requests, and ${count(asked.beyondWindows)} were for a thing asked for in that window${way === 'direct' ? '' : `; ${removed(asked.requests, report.sent)}`}`,
    });
  }
  return {
    figures: [
      {
        name: `upstream requests, ${polling}`,
        measured: `${count(requests)} for ${count(through.sent)} reads`,
        limit: `${limit}: one per thing and window`,
        ratio: requests / limit,
        bar: { atMost: 1 },
      },
      {
        name: 'the same: requests for a thing that had been asked for in that window',
        measured: count(beyondWindows),
        limit: 'none, for each thing and window',
        ratio: beyondWindows,
        bar: { atMost: 0 },
      },
    ],
    observations,
  };
}

/** The previous load must not use up the third party's limit for the next one. */
async function newSecond(stage: Stage): Promise<void> {
  await delay(WINDOW_MS);
  await stage.counts();
}

const NO_NGINX = 'not measured: nginx is not installed (the bench says what to type)';

/** Of the requests that clients would have made themselves. */
function removed(requests: number, reads: number): string {
  return `${((1 - requests / reads) * 100).toFixed(1)} % of requests removed`;
}

/** Reads while the upstream is slow, by every way to its prices. */
export async function benchSlowUpstream(servers: Servers, { slowSeconds }: ProxySizes): Promise<Outcome> {
  const stage = await setStage(servers, SLOW, { singleFlight: true });
  try {
    const shape = { perSecond: SLOW_PER_SECOND, seconds: slowSeconds };
    const first = { perSecond: SLOW_PER_SECOND, seconds: 1 };
    const direct = await stage.load('direct', shape);
    const flights = await stage.load('single-flight', shape);
    const cold = await stage.load('proxy', first);
    await stage.load('proxy', { ...first, seconds: 3 });
    const warm = await stage.load('proxy', shape);
    const gain = direct.p95Ms - warm.p95Ms;
    const observations: Observation[] = [
      { name: 'slow upstream, direct', value: describeLoad(direct) },
      {
        name: 'slow upstream, single flight only: who asks at the same time shares a request',
        value: describeLoad(flights),
      },
      { name: 'slow upstream, proxy from the first second, nothing known', value: describeLoad(cold) },
      { name: 'slow upstream, proxy that has been asked before', value: describeLoad(warm) },
    ];
    if (stage.nginxVersion === undefined) observations.push({ name: 'slow upstream, nginx', value: NO_NGINX });
    else {
      observations.push({
        name: `slow upstream, ${stage.nginxVersion} from the first second: who waits looks every 500 ms`,
        value: describeLoad(await stage.load('nginx', first)),
      });
      await stage.load('nginx', { ...first, seconds: 3 });
      observations.push({
        name: `slow upstream, ${stage.nginxVersion} that has been asked before`,
        value: describeLoad(await stage.load('nginx', shape)),
      });
    }
    return {
      figures: [
        {
          name: 'read under a slow upstream, p95: gained by the proxy',
          measured: ms(warm.p95Ms),
          limit: `direct ${ms(direct.p95Ms)}`,
          ratio: gain / GAIN_MS,
          bar: { atLeast: 1 },
        },
        {
          name: 'the same against a cache hit, p95',
          measured: ms(warm.p95Ms),
          limit: ms(warm.hitP95Ms),
          ratio: warm.p95Ms / warm.hitP95Ms,
          bar: { atMost: 2 },
        },
      ],
      observations,
    };
  } finally {
    await stage.stop();
  }
}
