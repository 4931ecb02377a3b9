import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { benchAdoption } from './adoption.js';
import { benchIngest } from './analytics-ingest.js';
import { benchAnalyticsMemory } from './analytics-memory.js';
import { benchMetrics } from './analytics-metrics.js';
import { startChild } from './child.js';
import { Editor } from './editor.js';
import { formatOutcome, holds, type Outcome } from './figures.js';
import { Installation, type Servers, startServers } from './installation.js';
import { landInBulk } from './landed-documents.js';
import { benchLanding } from './landing.js';
import { benchLists } from './lists.js';
import { benchMemory } from './memory.js';
import { benchOddsDelivery, DELIVERY_LONG_SIZES, DELIVERY_SIZES } from './odds-delivery.js';
import { benchDuplicates, benchSlowUpstream, PROXY_LONG_SIZES, PROXY_SIZES, type ProxySizes } from './proxy.js';
import { benchPublishing } from './publishing.js';
import { benchReads, publishPages } from './reads.js';
import { assertWrk } from './wrk.js';

/** `npm run bench -- reads publish landing memory lists adoption analytics delivery proxy`: some rows, or all; see docs/benchmarks.md. */
const ROWS = ['reads', 'publish', 'landing', 'memory', 'lists', 'adoption', 'analytics', 'delivery', 'proxy'] as const;
/** Only when named: 100 million events and half an hour of them; 10,000 sockets; a minute for each number of clients. */
const LONG_ROWS = ['analytics-long', 'delivery-long', 'proxy-long'] as const;
type Row = (typeof ROWS)[number] | (typeof LONG_ROWS)[number];

const MANY = 100_000;

function wantedRows(names: readonly string[]): ReadonlySet<Row> {
  const all: readonly Row[] = [...ROWS, ...LONG_ROWS];
  const wanted: readonly Row[] = names.length === 0 ? ROWS : all.filter((row) => names.includes(row));
  const unknown = names.filter((name) => !all.some((row) => row === name));
  if (unknown.length > 0) throw new Error(`there is no row ${unknown.join(', ')}; there are ${all.join(', ')}`);
  return new Set(wanted);
}

/** Reads and publishes: an installation with two edges. */
async function benchSystem(servers: Servers, wanted: ReadonlySet<Row>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const system = await Installation.create(servers, 'system');
  const [controlPlane, , edge] = await Promise.all([
    system.start('controlPlane'),
    system.start('worker'),
    system.start('edge'),
  ]);
  const editor = await Editor.signIn(controlPlane.app.url, system.signIn);
  await publishPages(editor, edge.app.url);
  if (wanted.has('reads')) {
    say('reads');
    outcomes.push(await benchReads(edge.app));
  }
  if (wanted.has('publish')) {
    say('publishes under load');
    const second = await system.start('edge', { instance: 'edge-2' });
    outcomes.push(await benchPublishing({ editor, edges: [edge.app.url, second.app.url], servers }));
  }
  await system.stopAll();
  return outcomes;
}

/** An old table beside an installation, whose processes it does not need. */
async function benchOldTable(servers: Servers): Promise<Outcome> {
  say('adoption');
  return benchAdoption(servers, await Installation.create(servers, 'adoption'));
}

/** Events from HTTP to queryable, questions, and what metrics cost: needs no control plane. */
async function benchAnalytics(servers: Servers, wanted: ReadonlySet<Row>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  if (wanted.has('analytics')) {
    say('analytics: taking in');
    outcomes.push(await benchIngest(servers));
    say('analytics: questions');
    outcomes.push(await askQuestions({}));
    say('analytics: metrics');
    outcomes.push(await benchMetrics());
  }
  if (wanted.has('analytics-long')) {
    say('analytics: 100 million events');
    outcomes.push(
      await benchIngest(servers, { events: 3_000_000, seconds: 60 }),
      await askQuestions({ events: 100_000_000 }),
    );
    say('analytics: half an hour');
    outcomes.push(await benchAnalyticsMemory(servers));
  }
  return outcomes;
}

/** An edge that only delivers markets. */
async function benchDelivery(servers: Servers, wanted: ReadonlySet<Row>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  if (wanted.has('delivery')) outcomes.push(await benchOddsDelivery(servers, DELIVERY_SIZES, say));
  if (wanted.has('delivery-long')) outcomes.push(await benchOddsDelivery(servers, DELIVERY_LONG_SIZES, say));
  return outcomes;
}

/** Third parties behind the proxy: needs no control plane. */
async function benchProxy(servers: Servers, sizes: ProxySizes): Promise<Outcome[]> {
  say('proxy: many clients');
  const duplicates = await benchDuplicates(servers, sizes);
  say('proxy: a slow upstream');
  return [duplicates, await benchSlowUpstream(servers, sizes)];
}

async function askQuestions(task: { events?: number }): Promise<Outcome> {
  const { answer } = await startChild('./questioner.js', task);
  if (
    typeof answer !== 'object' ||
    answer === null ||
    !('figures' in answer) ||
    !('observations' in answer) ||
    !Array.isArray(answer.figures) ||
    !Array.isArray(answer.observations)
  )
    throw new Error('the questioner gave no outcome');
  return { figures: answer.figures, observations: answer.observations };
}

/** Landing and memory: an installation with ten documents beside one with a hundred thousand. */
async function benchSizes(servers: Servers, wanted: ReadonlySet<Row>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const few = await Installation.create(servers, 'few');
  const many = await Installation.create(servers, 'many');
  say(`landing ${MANY.toLocaleString('en')} documents at once`);
  await landInBulk(few.database.url, 10);
  const size = await landInBulk(many.database.url, MANY);
  if (wanted.has('landing')) {
    say('landings');
    outcomes.push(await benchLanding(few, many));
    await Promise.all([few.stopAll(), many.stopAll()]);
  }
  if (wanted.has('memory')) {
    say('memory, starts, rebuild');
    outcomes.push(await benchMemory(servers, few, many, size));
  }
  return outcomes;
}

function say(what: string): void {
  process.stderr.write(`  … ${what} (load ${loadavg()[0]?.toFixed(1)})\n`);
}

async function keep(outcome: Outcome): Promise<string> {
  const at = new Date().toISOString();
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    memory: totalmem(),
    node: process.version,
    loadavg: loadavg(),
  };
  const file = `bench/results/${at.replaceAll(':', '-')}.json`;
  await mkdir('bench/results', { recursive: true });
  await writeFile(file, `${JSON.stringify({ at, machine, ...outcome }, null, 2)}\n`);
  return file;
}

const wanted = wantedRows(process.argv.slice(2));
if (wanted.has('reads')) assertWrk();
const began = performance.now();
const servers = await startServers();
try {
  const outcomes = [
    ...(wanted.has('reads') || wanted.has('publish') ? await benchSystem(servers, wanted) : []),
    ...(await benchDelivery(servers, wanted)),
    ...(wanted.has('adoption') ? [await benchOldTable(servers)] : []),
    ...(wanted.has('lists') ? [await benchLists(servers, await Installation.create(servers, 'lists'), MANY, say)] : []),
    ...(await benchAnalytics(servers, wanted)),
    ...(wanted.has('proxy') ? await benchProxy(servers, PROXY_SIZES) : []),
    ...(wanted.has('proxy-long') ? await benchProxy(servers, PROXY_LONG_SIZES) : []),
    ...(wanted.has('landing') || wanted.has('memory') ? await benchSizes(servers, wanted) : []),
  ];
  const outcome = {
    figures: outcomes.flatMap(({ figures }) => figures),
    observations: outcomes.flatMap(({ observations }) => observations),
  };
  const file = await keep(outcome);
  console.log(
    `${formatOutcome(outcome)}\n\n${cpus().length} CPUs (${cpus()[0]?.model}), Node ${process.version}, ${((performance.now() - began) / 1_000).toFixed(0)} s in all; kept in ${file}`,
  );
  process.exitCode = outcome.figures.every(holds) ? 0 : 1;
} finally {
  await servers.stop();
}
process.exit();
