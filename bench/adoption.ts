import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { AdoptionBody } from '@paddock/contracts';
import { createLogger, nestLogger } from '@paddock/runtime';
import { SYSTEM } from '../apps/control-plane/src/access/actor.js';
import { AdoptionModule } from '../apps/control-plane/src/adoption/adoption.module.js';
import { Importer } from '../apps/control-plane/src/adoption/import/importer.js';
import { Sources } from '../apps/control-plane/src/adoption/source/sources.js';
import { compileAt } from '../apps/control-plane/src/adoption/tables/table-reader.js';
import { TableWatch } from '../apps/control-plane/src/adoption/watch/table-watch.js';
import { Database } from '../apps/control-plane/src/database/database.js';
import { DatabaseModule } from '../apps/control-plane/src/database/database.module.js';
import { KindRegistry } from '../apps/control-plane/src/documents/kind-registry.js';
import { KindsModule } from '../apps/control-plane/src/kinds/kinds.module.js';
import { ProcessModule } from '../apps/control-plane/src/process.module.js';
import { readSettings } from '../apps/control-plane/src/settings.js';
import type { Outcome } from './figures.js';
import type { Installation, Servers } from './installation.js';
import { median, megabytes, spreadOf } from './statistics.js';

const ROWS = 40_000;
const REPETITIONS = 3;
/** The time limit for 40,000 rows. */
const ADOPTED_WITHIN_S = 60;
/** Rows among which memory is compared: the first and the last of them. */
const MEMORY_WINDOW = 10_000;
/** A mirror that looks this often, and rows that the old application changes meanwhile. */
const MIRROR_EVERY_S = 5;
const CHANGES_PER_MINUTE = 1_000;
const CHANGING_MS = 30_000;
const DRAFT_WITHIN_S = 10;
/** Rows per transaction of the bare copy, as many as in a page of an adoption. */
const PER_COMMIT = 1_000;
/** As on an old homepage: most banners are a picture and a link, some carry markup. */
const WITH_MARKUP = 5;

const MAPPING: AdoptionBody = {
  ...{
    name: 'Banners',
    source: 'bench',
    environment: 'production',
    mode: 'OBSERVE',
    table: 'banners',
    key: ['banner_id'],
  },
  documents: { kind: 'promo', keyPrefix: 'banner-' },
  fields: [
    { field: 'title', column: 'banner_title', transform: { type: 'TEXT' } },
    { field: 'cta.href', column: 'banner_url', transform: { type: 'URL' } },
    { field: 'image.url', column: 'banner_image', transform: { type: 'IMAGE', prefix: '/images/' } },
    { field: 'text', column: 'banner_html', transform: { type: 'HTML' } },
    {
      field: 'tags',
      column: 'banner_area',
      transform: {
        type: 'VALUES',
        values: [
          { column: 'Top', field: 'top' },
          { column: 'Side', field: 'side' },
        ],
      },
    },
    { field: 'schedule.from', column: 'start_date', transform: { type: 'LOCAL_TIME', timeZone: 'Europe/London' } },
    {
      field: 'schedule.to',
      column: 'expire_date',
      transform: { type: 'LOCAL_TIME', timeZone: 'Europe/London', none: ['0001-01-01 00:00:00'] },
    },
    { field: 'shown', column: 'status', transform: { type: 'STATUS' } },
    { field: 'priority', column: 'sort_order', transform: { type: 'PRIORITY', top: 1000 } },
  ],
  fixed: [{ field: 'cta.label', value: 'More' }],
};

@Module({ imports: [DatabaseModule, KindsModule, AdoptionModule] })
class AdoptionApplication {}

/** Rows of an old table as drafts, beside the same rows read and inserted one by one by a plain script, in turns; then a mirror of it. */
export async function benchAdoption(servers: Servers, { env }: Installation): Promise<Outcome> {
  const old = await oldTable(servers);
  const settings = readSettings({
    ...env,
    ADOPTION_KEY: randomBytes(32).toString('hex'),
    OUTBOUND_ALLOWED_NETWORKS: '127.0.0.0/8,::1/128',
  });
  const logger = createLogger('bench', 'warn');
  const app = await NestFactory.createApplicationContext(
    { module: AdoptionApplication, imports: [ProcessModule.of('bench', settings, logger)] },
    { logger: nestLogger(logger) },
  );
  await app.get(Sources, { strict: false }).save(SYSTEM, {
    ...old.source,
    key: 'bench',
    name: 'Bench',
    tls: false,
    writable: false,
    statementTimeoutMs: 30_000,
    maxRows: ROWS,
  });
  const adopted: number[] = [];
  const bare: number[] = [];
  const memory = new HeapByRows();
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
    const body = { ...MAPPING, documents: { ...MAPPING.documents, keyPrefix: `banner-${repetition}-` } };
    adopted.push(await rowsPerSecond(() => adopt(app, body, mappingId(repetition), memory)));
    bare.push(await rowsPerSecond(() => old.copy()));
  }
  const { look, mirrored } = await mirror(app, old);
  await app.close();
  await old.close();
  const slowest = ROWS / Math.min(...adopted);
  return {
    figures: [
      {
        name: `rows of an old table adopted as drafts, ${ROWS.toLocaleString('en')} rows`,
        measured: `${rate(median(adopted))} rows/s`,
        limit: `bare SELECT and an INSERT each: ${rate(median(bare))} rows/s`,
        ratio: median(adopted) / median(bare),
        spread: spreadOf(adopted.map((rows, at) => rows / (bare[at] ?? rows))),
        bar: { atLeast: 0.3 },
      },
      {
        name: 'the same, the slowest time',
        measured: `${slowest.toFixed(1)} s`,
        limit: `${ADOPTED_WITHIN_S} s, fixed`,
        ratio: slowest / ADOPTED_WITHIN_S,
        bar: { atMost: 1 },
      },
      {
        name: `the same, highest heap among the last ${MEMORY_WINDOW.toLocaleString('en')} rows`,
        measured: megabytes(memory.last),
        limit: `among the first ${MEMORY_WINDOW.toLocaleString('en')}: ${megabytes(memory.first)}`,
        ratio: memory.last / memory.first,
        bar: { atMost: 1.5 },
      },
      {
        name: `row changed → draft, the slowest of ${mirrored.length.toLocaleString('en')} at ${CHANGES_PER_MINUTE.toLocaleString('en')} a minute, mirrored every ${MIRROR_EVERY_S} s`,
        measured: `${(Math.max(...mirrored) / 1_000).toFixed(1)} s`,
        limit: `${DRAFT_WITHIN_S} s, fixed`,
        ratio: Math.max(...mirrored) / 1_000 / DRAFT_WITHIN_S,
        bar: { atMost: 1 },
      },
    ],
    observations: [
      {
        name: `a check of ${ROWS.toLocaleString('en')} unchanged rows`,
        value: `${(look / 1_000).toFixed(1)} s`,
      },
    ],
  };
}

const rate = (rows: number): string => Math.round(rows).toLocaleString('en');

const mappingId = (number: number): string => String(number).padStart(36, '0');

async function adopt(
  app: INestApplicationContext,
  mapping: AdoptionBody,
  id: string,
  memory: HeapByRows,
): Promise<void> {
  const sources = app.get(Sources, { strict: false });
  await sources.use(await sources.findOrThrow('bench'), { write: false }, async (session) => {
    const compiled = await compileAt(session, mapping);
    if (!compiled.ok) throw new Error('the mapping does not fit');
    const kind = app.get(KindRegistry, { strict: false }).get(mapping.documents.kind);
    let rows = 0;
    const watching = setInterval(() => memory.see(rows), 20);
    await app
      .get(Importer, { strict: false })
      .importAll({ actor: SYSTEM, mappingId: id, kind }, session, compiled.mapping, (_, more) => {
        rows += more;
        return Promise.resolve();
      });
    clearInterval(watching);
  });
}

/** The highest heap among the first and among the last rows of a table. */
class HeapByRows {
  first = 0;
  last = 0;

  see(rows: number): void {
    const { heapUsed } = process.memoryUsage();
    if (rows < MEMORY_WINDOW) this.first = Math.max(this.first, heapUsed);
    if (rows >= ROWS - MEMORY_WINDOW) this.last = Math.max(this.last, heapUsed);
  }
}

/** The old application changes rows one by one; milliseconds of a first look that finds nothing, and until the end of the look that made each one's draft. */
async function mirror(app: INestApplicationContext, old: OldTable): Promise<{ look: number; mirrored: number[] }> {
  const watch = app.get(TableWatch, { strict: false });
  const mapping = {
    id: mappingId(0),
    key: 'banners',
    body: {
      ...MAPPING,
      mode: 'MIRROR' as const,
      mirror: { everySeconds: MIRROR_EVERY_S, policy: 'DRAFTS' as const },
      documents: { ...MAPPING.documents, keyPrefix: 'banner-0-' },
    },
  };
  const before = performance.now();
  await watch.look(mapping);
  const look = performance.now() - before;
  const waiting = new Map<number, number>();
  const mirrored: number[] = [];
  const changing = (async () => {
    const began = performance.now();
    const count = Math.round((CHANGES_PER_MINUTE / 60_000) * CHANGING_MS);
    for (let at = 0; at < count; at += 1) {
      await delay(Math.max(0, began + (at * 60_000) / CHANGES_PER_MINUTE - performance.now()));
      // Spread over the table, none twice.
      const id = 1 + at * Math.floor(ROWS / count);
      await old.change(id);
      waiting.set(id, performance.now());
    }
  })();
  let done = false;
  const changed = changing.finally(() => (done = true));
  for (;;) {
    await delay(MIRROR_EVERY_S * 1_000);
    // A change during a check may be found by that check or by the next one; it is counted with the next.
    const [last, due] = [done, [...waiting]];
    await watch.look(mapping);
    for (const [id, changedAt] of due) {
      mirrored.push(performance.now() - changedAt);
      waiting.delete(id);
    }
    if (last) break;
  }
  await changed;
  const drafts: { changed: string }[] = await app
    .get(Database, { strict: false })
    .manager.query("SELECT COUNT(*) AS changed FROM draft WHERE body LIKE '%Changed %'");
  if (Number(drafts[0]?.changed) !== mirrored.length)
    throw new Error(`${mirrored.length} rows were changed, ${drafts[0]?.changed} drafts`);
  return { look, mirrored };
}

async function rowsPerSecond(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return ROWS / ((performance.now() - began) / 1_000);
}

type OldTable = Awaited<ReturnType<typeof oldTable>>;

async function oldTable({ mysql }: Servers) {
  const url = new URL(mysql.url);
  const source = {
    host: url.hostname,
    port: Number(url.port),
    user: url.username,
    password: url.password,
    database: 'bench_old_shop',
  };
  const connection = await createConnection({ ...source, database: '', multipleStatements: true, dateStrings: true });
  await connection.query(`CREATE DATABASE ${source.database} CHARACTER SET utf8mb4; USE ${source.database}`);
  await connection.query(await readFile('apps/control-plane/src/adoption/demo/back-office.sql', 'utf8'));
  await connection.query('TRUNCATE banners; CREATE TABLE copied (id INT, row_json LONGTEXT) ENGINE=InnoDB');
  for (let from = 1; from <= ROWS; from += 5_000) await connection.query(insertBanners(from, 5_000));
  return {
    source,
    copy: () => copy(connection),
    change: (id: number) =>
      connection.query("UPDATE banners SET banner_title = CONCAT('Changed ', banner_id) WHERE banner_id = ?", [id]),
    close: () => connection.end(),
  };
}

function insertBanners(from: number, count: number): string {
  const rows = Array.from({ length: count }, (_, at) => {
    const id = from + at;
    const markup = id % WITH_MARKUP === 0 ? `<p>Offer <b>${id}</b> ${'and more '.repeat(12)}</p>` : '';
    return `(${id}, 'Banner ${id}', '/offers/${id}?a=1&amp;b=2', 'banners/${id}.jpg', '${id % 2 ? 'Top' : 'Side'}', '${markup}', '2026-01-01 00:00:00', '0001-01-01 00:00:00', 1, ${id % 100})`;
  });
  return `INSERT INTO banners (banner_id, banner_title, banner_url, banner_image, banner_area, banner_html, start_date, expire_date, status, sort_order) VALUES ${rows.join(', ')}`;
}

/** The work of a script that only moves the rows. */
async function copy(connection: Connection): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>('SELECT * FROM banners');
  for (let from = 0; from < rows.length; from += PER_COMMIT) {
    await connection.beginTransaction();
    for (const row of rows.slice(from, from + PER_COMMIT))
      await connection.query('INSERT INTO copied VALUES (?, ?)', [row['banner_id'], JSON.stringify(row)]);
    await connection.commit();
  }
}
