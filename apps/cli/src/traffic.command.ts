import { createReadStream } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { CACHE_BUSTERS } from '@paddock/contracts';
import { EnvReader } from '@paddock/runtime';
import { failFastConnection } from '@paddock/tasks';
import {
  DirectPolling,
  migrationBoard,
  type PollingReport,
  readAccessLine,
  readLegacyRoutes,
  readLines,
  readTraffic,
} from '@paddock/traffic';
import { textTable } from './text-table.js';
import type { Variables } from './with-database.js';

const CONNECT_MS = 5_000;
/** Questions that fit on a screen; `--json` has all. */
const SHOWN = 20;

interface LogOptions {
  window: number;
  origin?: string;
  volatile: string;
  price: number;
  json?: true;
}

/** `paddock traffic <file>`: who polls third parties directly; `paddock traffic board`: who still uses old routes. */
export function trafficCommand(variables: Variables): Command {
  const board = new Command('board')
    .description('Lists, client by client, who still uses routes that will end. REDIS_URL says where the counts are.')
    .option('--days <days>', 'how many days count', numberFrom(1), 30)
    .action(async ({ days }: { days: number }) => {
      process.stdout.write(`${await boardText(variables, days)}\n`);
    });
  return new Command('traffic')
    .description(
      'Finds third-party APIs that several clients poll directly, in an access log: Common, Combined, nginx or Caddy JSON; plain or gzip; - for standard input.',
    )
    .argument('[file]', 'the access log')
    .option(
      '--window <ms>',
      'requests for the same thing within so many milliseconds could have been one',
      numberFrom(100),
      1_000,
    )
    .option('--origin <url>', 'where paths begin that stand in the log without a host: https://api.example.com')
    .option(
      '--volatile <names>',
      'query parameters that do not change the answer, joined by commas',
      CACHE_BUSTERS.join(','),
    )
    .option('--price <price>', 'what one request costs', numberFrom(0), 0)
    .option('--json', 'everything, as JSON')
    .addCommand(board)
    .action(async (file: string | undefined, options: LogOptions, command: Command) => {
      if (file === undefined) return command.help();
      const report = await pollingIn(file, options);
      process.stdout.write(
        `${options.json ? JSON.stringify(report, null, 2) : reportText(report, options.price > 0)}\n`,
      );
    });
}

function numberFrom(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < min)
      throw new InvalidArgumentError(`expected a number from ${min}`);
    return value;
  };
}

async function pollingIn(file: string, { window, origin, volatile, price }: LogOptions): Promise<PollingReport> {
  const volatileParameters = new Set(volatile.split(',').map((name) => name.toLowerCase()));
  const polling = new DirectPolling({
    windowMs: window,
    volatileParameters,
    pricePerRequest: price,
    ...(origin === undefined ? {} : { origin: origin.replace(/\/$/, '') }),
  });
  for await (const line of readLines(file === '-' ? process.stdin : createReadStream(file)))
    polling.add(readAccessLine(line));
  return polling.report();
}

function reportText(report: PollingReport, priced: boolean): string {
  const { lines, unreadable, passedOver, requests, duplicate, questions, windowMs, from, to } = report;
  const count = (value: number): string => value.toLocaleString('en');
  const summary = [
    `${count(lines)} lines from ${from ?? 'nowhere'} to ${to ?? 'nowhere'}: ${count(requests)} requests that the proxy could make, ${count(passedOver)} others, ${count(unreadable)} unreadable`,
    `${count(duplicate.questions)} questions were asked by two or more clients within ${count(windowMs)} ms: ${count(duplicate.requests)} requests`,
    `through the proxy they would be ${count(duplicate.requests - duplicate.savedRequests)}: ${count(duplicate.savedRequests)} requests and ${count(duplicate.savedBytes)} bytes less${priced ? `, worth ${duplicate.savedCost.toFixed(2)}` : ''}`,
  ];
  if (questions.length === 0) return summary.join('\n');
  const rows = questions
    .slice(0, SHOWN)
    .map(({ url, requests: asked, savedRequests, savedBytes, savedCost, clients }) => [
      asked,
      savedRequests,
      savedBytes,
      ...(priced ? [savedCost.toFixed(2)] : []),
      clients
        .slice(0, 5)
        .map(({ client, requests: its }) => `${client} ${count(its)}`)
        .join(', '),
      url,
    ]);
  return [
    ...summary,
    '',
    textTable(['requests', 'saved', 'bytes saved', ...(priced ? ['worth'] : []), 'clients', 'question'], rows),
  ].join('\n');
}

async function boardText(variables: Variables, days: number): Promise<string> {
  const env = new EnvReader(variables);
  const { url, prefix } = env.done({
    url: env.url('REDIS_URL', ['redis:', 'rediss:']),
    prefix: env.text('REDIS_PREFIX', 'paddock'),
  });
  const redis = failFastConnection(url, () => undefined);
  try {
    await new Promise<void>((resolve, reject) => {
      redis.once('ready', resolve);
      setTimeout(() => reject(new Error('Redis cannot be reached')), CONNECT_MS).unref();
    });
    const [counts, legacy] = await Promise.all([readTraffic(redis, prefix, days), readLegacyRoutes(redis, prefix)]);
    const clients = migrationBoard(counts, legacy, Date.now());
    if (clients.length === 0) return `nobody used a route that will end in the last ${days} days`;
    const rows = clients.flatMap(({ client, state, routes }) =>
      routes.map(({ route, successor, requests, lastAt, sunsetAt, gone }) => [
        client,
        state,
        requests,
        lastAt.slice(0, 16),
        gone ? 'ended' : sunsetAt.slice(0, 10),
        `${route} → ${successor}`,
      ]),
    );
    return textTable(['client', 'state', 'requests', 'last', 'ends', 'route'], rows);
  } finally {
    redis.disconnect();
  }
}
