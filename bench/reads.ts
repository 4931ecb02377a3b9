import { readFile } from 'node:fs/promises';
import { until } from '@paddock/testing';
import type { Editor } from './editor.js';
import type { Bar, Outcome } from './figures.js';
import { startChild } from './child.js';
import { KeptConnection } from './kept-connection.js';
import { audienceOf, pageOf, promoBody, thousandAudiences } from './promos.js';
import { median, spreadOf } from './statistics.js';
import { inTurn, neverSeenBefore, requestsPerSecond } from './wrk.js';

const ROUNDS = 5;
const SECONDS = 2;
const PATH = '/v1/production/sites/acme-uk/layouts';

/**
 * Publishes two pages of 20 promos, one the same for all visitors, one with a separate audience for every promo, and
 * waits until the edge has them.
 */
export async function publishPages(editor: Editor, edge: string): Promise<void> {
  const ids: string[] = [];
  const numbers = Array.from({ length: 20 }, (_, number) => number);
  for (const number of numbers) {
    ids.push(await editor.save('promo', `plain-${number}`, promoBody(number)));
    ids.push(await editor.save('promo', `targeted-${number}`, promoBody(number, { audience: audienceOf(number) })));
  }
  for (const name of ['plain', 'targeted']) {
    ids.push(
      await editor.save(
        'layout',
        name,
        pageOf(
          name,
          numbers.map((number) => `${name}-${number}`),
        ),
      ),
    );
  }
  await editor.publish(await editor.plan(ids));
  await until(async () => (await fetch(`${edge}${PATH}/targeted`)).ok, {
    timeoutMs: 30_000,
    what: 'the arrival of the pages',
  });
}

/** The answers per second of the edge, against a bare server that always sends the same bytes. */
export async function benchReads({ url: edge, pid }: { url: string; pid: number | undefined }): Promise<Outcome> {
  const [plain = ''] = await bodiesOf(edge, [`${PATH}/plain`]);
  const targeted = await bodiesOf(
    edge,
    thousandAudiences().map((query) => `${PATH}/targeted${query}`),
  );
  const distinct = new Set(targeted).size;
  const typical = targeted.toSorted((a, b) => a.length - b.length)[500] ?? '';
  const outcomes = [
    await compared({
      edge,
      pid,
      path: `${PATH}/plain`,
      body: plain,
      name: 'edge layout reads/s, 20 promos',
      bar: { atLeast: 0.7 },
    }),
    await compared({
      ...{ edge, pid, path: `${PATH}/targeted`, body: typical, bar: { atLeast: 0.4 } },
      name: `edge reads/s for 1,000 different audiences in turn (${distinct} different pages)`,
      script: () => inTurn(`${PATH}/targeted`, thousandAudiences()),
    }),
    await compared({
      ...{ edge, pid, path: `${PATH}/targeted`, body: typical, bar: { atLeast: 0.4 } },
      name: 'stricter: every read by another visitor, never seen before',
      script: (round) => neverSeenBefore(`${PATH}/targeted`, `visitor-${round}`),
    }),
  ];
  const sizes = `${plain.length} and ${typical.length} bytes (the median of the 1,000 audiences)`;
  return {
    figures: outcomes.flatMap(({ figures }) => figures),
    observations: [
      { name: 'bodies of the page for everybody and of the page by audience', value: sizes },
      ...outcomes.flatMap(({ observations }) => observations),
    ],
  };
}

interface Comparison {
  name: string;
  edge: string;
  pid: number | undefined;
  path: string;
  /** The bytes that the bare server sends. */
  body: string;
  bar: Bar;
  /** Which requests are made; the same for both. */
  script?: (round: number) => string;
}

/** The result of one load: answers per second, and the server's cost of one answer. */
interface Served {
  perSecond: number;
  cpuMicroseconds: number;
}

/** In turns, and in each round with the other one first, so that neither has the better moments of the machine. */
async function compared({ name, edge, pid, path, body, bar, script }: Comparison): Promise<Outcome> {
  const { child, answer: port } = await startChild('./plain-server.js', { body });
  const servers = {
    edge: { url: `${edge}${path}`, pid, served: new Array<Served>() },
    bare: { url: `http://127.0.0.1:${String(port)}${path}`, pid: child.pid, served: new Array<Served>() },
  };
  try {
    for (const { url } of [servers.edge, servers.bare]) await requestsPerSecond(url, 2, script?.(-1));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const server of round % 2 === 0 ? [servers.edge, servers.bare] : [servers.bare, servers.edge]) {
        const cpu = await cpuSeconds(server.pid);
        const perSecond = await requestsPerSecond(server.url, SECONDS, script?.(round));
        server.served.push({
          perSecond,
          cpuMicroseconds: (((await cpuSeconds(server.pid)) - cpu) * 1e6) / (perSecond * SECONDS),
        });
      }
    }
  } finally {
    child.disconnect();
  }
  const { edge: ours, bare } = { edge: servers.edge.served, bare: servers.bare.served };
  const ratios = ours.map(({ perSecond }, round) => perSecond / (bare[round]?.perSecond ?? Number.NaN));
  const rate = (served: readonly Served[]): string =>
    `${Math.round(median(served.map(({ perSecond }) => perSecond))).toLocaleString('en')}/s`;
  const cpu = (served: readonly Served[]): number => median(served.map(({ cpuMicroseconds }) => cpuMicroseconds));
  return {
    figures: [
      {
        name,
        bar,
        measured: rate(ours),
        limit: `node:http, same bytes fixed: ${rate(bare)}`,
        ratio: median(ratios),
        spread: spreadOf(ratios),
      },
    ],
    observations: [
      {
        name: `CPU time of the server per read: ${name}`,
        value: `edge ${cpu(ours).toFixed(1)} µs, node:http ${cpu(bare).toFixed(1)} µs: ${(cpu(bare) / cpu(ours)).toFixed(2)}`,
      },
    ],
  };
}

const TICKS_PER_SECOND = 100;

/**
 * User and system time of a process so far. It measures the cost of a read even while other processes use the machine.
 */
async function cpuSeconds(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid ?? 0}/stat`, 'utf8');
  // After the name in parentheses, which may contain any character, follow the fields from the third on; these are 14
  // and 15.
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) / TICKS_PER_SECOND;
}

async function bodiesOf(edge: string, paths: readonly string[]): Promise<string[]> {
  const connection = new KeptConnection(new URL(edge));
  const bodies: string[] = [];
  for (const path of paths) {
    const { status, body } = await connection.get(path);
    if (status !== 200) throw new Error(`${path} answered ${status}`);
    bodies.push(body.toString('utf8'));
  }
  connection.close();
  return bodies;
}
