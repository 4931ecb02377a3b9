import { type Connection, createConnection } from 'mysql2/promise';
import { until } from '@paddock/testing';
import { Editor } from './editor.js';
import type { Outcome } from './figures.js';
import type { Installation, Servers } from './installation.js';
import { landInBulk } from './landed-documents.js';
import { median, ms, percentile } from './statistics.js';

/** Time that an answer of a list may have. */
const BAR_MS = 50;
const WARM_UP = 2;
const ASKED = 20;
/** A list that misses its bar by far is asked less often. */
const ENOUGH_MS = 2_000;
/** The worker writes the listing of all documents when it starts. */
const LISTED_WITHIN_MS = 900_000;

const ORDERS = ['CREATED_AT', 'UPDATED_AT', 'LABEL', 'KEY'].flatMap((field) => [
  `{ field: ${field}, direction: ASC }`,
  `{ field: ${field}, direction: DESC }`,
]);
const NEWEST = '{ field: UPDATED_AT, direction: DESC }';

/** Filters by what a person calls them. */
const FILTERS: Readonly<Record<string, string>> = {
  'a kind': 'kind: LAYOUT',
  'two kinds of a site': 'kinds: [PROMO, LAYOUT], site: "market-7"',
  'a site': 'site: "market-7"',
  'a key or label': 'search: "promo-1234"',
  'a word of few texts': 'text: "4711"',
  'a word of most texts': 'text: "tennis"',
  'two words in a row': 'text: "tennis final"',
  'no such word': 'text: "zebra"',
  'status CHANGED': 'environment: "production", status: [CHANGED]',
  'status LIVE': 'environment: "production", status: [LIVE]',
  'status DRAFT or REMOVED': 'environment: "production", status: [DRAFT, REMOVED]',
  'status SCHEDULED': 'environment: "production", status: [SCHEDULED]',
  'differs from live': 'environment: "production", differsFromLive: true',
  'an author': `author: ["${authorId(3)}"]`,
  'a tag': 'tags: ["topic-3"]',
  'two tags': 'tags: ["topic-0", "homepage"]',
  'using a promo': 'uses: { promos: ["promo-21"] }',
  'of the last day': `updatedSince: "${new Date(Date.now() - 86_400_000).toISOString()}"`,
};

/** One question, and what is asked. */
interface Question {
  readonly name: string;
  readonly query: string;
}

/**
 * The cost of every list of documents among 100,000 of them: its first page, a middle page, its count and its facets,
 * in each order and with each filter. Each row shows the access types that the database chose.
 */
export async function benchLists(
  servers: Servers,
  system: Installation,
  documents: number,
  say: (what: string) => void,
): Promise<Outcome> {
  say(`lists: making ${documents.toLocaleString('en')} documents`);
  await landInBulk(system.database.url, documents);
  const began = performance.now();
  const database = await createConnection(servers.mysql.url);
  await database.changeUser({ database: system.database.name });
  try {
    await listDocuments(system, database, documents);
    const listedMs = performance.now() - began;
    await vary(database);
    const { app } = await system.start('controlPlane');
    const editor = await Editor.signIn(app.url, system.signIn);
    say('lists: asking');
    const figures: Outcome['figures'] = [];
    const observations = [{ name: `the worker lists ${documents} documents after an upgrade`, value: ms(listedMs) }];
    for (const question of await questionsOf(editor)) {
      const took = await ask(editor, question.query);
      figures.push({
        name: `list of ${documents.toLocaleString('en')} documents: ${question.name}`,
        measured: `p50 ${ms(median(took))}, p95 ${ms(percentile(took, 0.95))}`,
        limit: `${BAR_MS} ms, fixed`,
        ratio: median(took) / BAR_MS,
        bar: { atMost: 1 },
      });
      observations.push({ name: question.name, value: await accessOf(database, () => editor.read(question.query)) });
    }
    await system.stopAll();
    return { figures, observations };
  } finally {
    await database.end();
  }
}

async function questionsOf(editor: Editor): Promise<Question[]> {
  const questions: Question[] = [];
  for (const order of ORDERS) {
    const name = order.replace(/\{ field: (\w+), direction: (\w+) \}/, '$1 $2');
    const orderBy = `orderBy: [${order}]`;
    questions.push({ name: `${name}, first page`, query: list(orderBy) });
    const cursor = await middleCursor(editor, orderBy);
    questions.push({ name: `${name}, middle page`, query: list(`${orderBy}, after: "${cursor}"`) });
  }
  for (const order of ORDERS.filter((one) => /ASC/.test(one)))
    questions.push({
      name: `a kind by ${order.slice(9, 19).replace(/,.*/, '')}`,
      query: list(`kind: PROMO, orderBy: [${order}]`),
    });
  questions.push(
    { name: 'all documents, count', query: count('') },
    { name: 'all documents, facets', query: facets('') },
  );
  for (const [name, filter] of Object.entries(FILTERS)) {
    questions.push(
      { name: `${name}, first page`, query: list(`${filter}, orderBy: [${NEWEST}]`) },
      { name: `${name}, first page as created`, query: list(filter) },
      { name: `${name}, count`, query: count(filter) },
      { name: `${name}, facets`, query: facets(filter) },
    );
  }
  questions.push({ name: 'a row of the console', query: list(`orderBy: [${NEWEST}]`, CONSOLE_ROW) });
  return questions;
}

const CONSOLE_ROW =
  'id kind site key label status(environment: "production") differsFromLive(environment: "production") draft { lockVersion updatedAt author { name } }';

function list(args: string, fields = 'id kind site key label'): string {
  return `{ result: documents(first: 50, ${args}) { nodes { ${fields} } pageInfo { endCursor } } }`;
}

function count(filter: string): string {
  return `{ result: documents(first: 1${filter ? `, ${filter}` : ''}) { totalCount } }`;
}

function facets(filter: string): string {
  const environment = filter.includes('environment') ? '' : 'environment: "production", ';
  return `{ result: documents(first: 1, ${environment}${filter}) { facets { kind { value count } status { value count } author { count } tag { value count } component { value count } } } }`;
}

/** A cursor of the order from about the middle: of a document that a search finds, because cursors know no filters. */
async function middleCursor(editor: Editor, orderBy: string): Promise<string> {
  const { edges } = await editor.read<{ edges: { cursor: string }[] }>(
    `{ result: documents(first: 50, search: "promo-1000", ${orderBy}) { edges { cursor } } }`,
  );
  return edges[Math.floor(edges.length / 2)]?.cursor ?? '';
}

async function ask(editor: Editor, query: string): Promise<number[]> {
  const took: number[] = [];
  const first = performance.now();
  for (let number = 0; number < WARM_UP + ASKED; number += 1) {
    const began = performance.now();
    await editor.read(query);
    if (number >= WARM_UP) took.push(performance.now() - began);
    if (took.length >= 3 && performance.now() - first > ENOUGH_MS) break;
  }
  return took;
}

/** Lets the worker write the listing, as it does after an upgrade. */
async function listDocuments(system: Installation, database: Connection, documents: number): Promise<void> {
  const worker = await system.start('worker');
  await until(
    async () => {
      const [rows] = await database.query("SELECT COUNT(*) AS listed FROM document_state WHERE place = 'production'");
      return JSON.stringify(rows) === JSON.stringify([{ listed: documents }]);
    },
    { timeoutMs: LISTED_WITHIN_MS, everyMs: 1_000, what: 'the listing' },
  );
  await worker.app.stop();
}

/** Makes documents differ as they do after months: in who saved them and when, and in what is live of them. */
async function vary(database: Connection): Promise<void> {
  const authors = Array.from({ length: 10 }, (_, number) => authorId(number));
  const some = (share: number, offset: number) =>
    `CRC32(document_id) % 100 BETWEEN ${offset} AND ${offset + share - 1}`;
  await database.query(
    `UPDATE document_state SET changed_at = changed_at - INTERVAL (CRC32(document_id) % 7776000) SECOND,
       author = ELT(1 + CRC32(document_id) % 10, ?) WHERE place = ''`,
    [authors],
  );
  await database.query(`UPDATE document_state SET sha256 = SHA2(document_id, 256) WHERE place = '' AND ${some(5, 0)}`);
  await database.query(`UPDATE document_state SET sha256 = NULL WHERE place = 'production' AND ${some(1, 5)}`);
  await database.query(`DELETE FROM document_state WHERE place = 'production' AND ${some(2, 6)}`);
  await database.query(
    `UPDATE document_state SET starts_at = UTC_TIMESTAMP(3) + INTERVAL 7 DAY WHERE place = 'production' AND ${some(1, 8)}`,
  );
  await database.query('ANALYZE TABLE document, draft, revision, document_state, document_content, document_term');
}

function authorId(number: number): string {
  return `00000000-0000-7000-8000-00000000000${number}`;
}

/** Which tables the database read for one question, by which access type and index: `state:range(document_state_changed)`. */
async function accessOf(database: Connection, run: () => Promise<unknown>): Promise<string> {
  await database.query("SET GLOBAL log_output = 'TABLE'");
  await database.query('TRUNCATE TABLE mysql.general_log');
  await database.query('SET GLOBAL general_log = ON');
  await run();
  await database.query('SET GLOBAL general_log = OFF');
  const statements = await rowsOf<{ argument: string }>(
    database,
    "SELECT CONVERT(argument USING utf8mb4) AS argument FROM mysql.general_log WHERE command_type = 'Query'",
  );
  const reads = statements.filter(({ argument }) => /^SELECT[^]*FROM `document/.test(argument));
  const plans: string[] = [];
  for (const { argument } of reads) {
    const plan = await rowsOf<{ table: string | null; type: string | null; key: string | null }>(
      database,
      `EXPLAIN ${argument}`,
    );
    plans.push(plan.map(({ table, type, key }) => `${table ?? '-'}:${type ?? '-'}${key ? `(${key})` : ''}`).join(' '));
  }
  return [...new Set(plans)].join('; ');
}

async function rowsOf<Row>(database: Connection, sql: string): Promise<Row[]> {
  const [rows] = await database.query(sql);
  const found: Row[] = JSON.parse(JSON.stringify(rows));
  return found;
}
