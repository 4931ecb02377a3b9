import { type Connection, createConnection } from 'mysql2/promise';
import { v7 as uuidv7 } from 'uuid';
import {
  advanceStateHash,
  canonicalJson,
  type DocumentRef,
  type LayoutBody,
  type PromoBody,
  sha256Hex,
  type StateChange,
} from '@paddock/contracts';
import { referenceTargets } from '../apps/control-plane/src/documents/revisions.js';
import { layoutKind } from '../apps/control-plane/src/kinds/layout/layout.kind.js';
import { promoKind } from '../apps/control-plane/src/kinds/promo/promo.kind.js';
import { audienceOf, promoBody } from './promos.js';

const SITES = 50;
const PAGES = 20;

interface GeneratedDocument {
  ref: DocumentRef;
  label: string;
  body: string;
  targets: Set<string>;
}

/** Fills an environment with this many documents, all landed by one release, and returns the bytes of their bodies. */
export async function landInBulk(
  databaseUrl: URL,
  documents: number,
): Promise<{ documents: number; jsonBytes: number }> {
  const database = await createConnection(databaseUrl.href);
  try {
    const [existing = 0] = await column<number>(
      database,
      "SELECT COUNT(*) AS value FROM release_item WHERE environment = 'production'",
    );
    const sites = Array.from({ length: SITES }, (_, at) => `market-${at + 1}`);
    await insert(
      database,
      'site (site_key, name, jurisdiction, locale, created_at)',
      sites.map((site) => [site, site, 'GB', 'en-GB', new Date()]),
    );
    await database.beginTransaction();
    await landRelease(database, documents - existing, sites);
    await database.query("UPDATE environment SET settings_version = settings_version + 1 WHERE name = 'production'");
    await database.commit();
    await database.query('ANALYZE TABLE document, draft, revision, revision_reference, release_item, `release`');
    const [jsonBytes = 0] = await column<number>(
      database,
      `SELECT SUM(LENGTH(r.body)) AS value FROM release_item i JOIN revision r ON r.document_id = i.document_id AND r.number = i.revision
       WHERE i.environment = 'production'`,
    );
    return { documents, jsonBytes: Number(jsonBytes) };
  } finally {
    await database.end();
  }
}

/** The state that a landing leaves, except for the audit row, because no actor did this. */
async function landRelease(database: Connection, documents: number, sites: readonly string[]): Promise<void> {
  const [author = ''] = await column<string>(database, 'SELECT id AS value FROM user');
  const [head = 0] = await column<number>(
    database,
    "SELECT head_seq AS value FROM environment WHERE name = 'production'",
  );
  const [before = ''] = await column<string>(
    database,
    "SELECT state_hash AS value FROM environment WHERE name = 'production'",
  );
  const [release, seq, now] = [uuidv7(), Number(head) + 1, new Date()];
  let stateHash = before;
  for (let from = 0; from < documents; from += 1_000) {
    const rows = Array.from({ length: Math.min(1_000, documents - from) }, (_, at) => ({
      id: uuidv7(),
      ...generate(from + at, sites),
    }));
    const steps = rows.map(({ ref, body }): StateChange => ({ ref, before: null, after: sha256Hex(body) }));
    stateHash = advanceStateHash(stateHash, steps);
    await insert(
      database,
      'document (id, kind, site, doc_key, label, created_at)',
      rows.map(({ id, ref, label }) => [id, ref.kind, ref.site, ref.key, label, now]),
    );
    await insert(
      database,
      'draft (document_id, lock_version, body, schema_version, updated_by, updated_at)',
      rows.map(({ id, body }) => [id, 1, body, 1, author, now]),
    );
    await insert(
      database,
      'revision (document_id, number, body, sha256, schema_version, author_id, message, created_at)',
      rows.map(({ id, body }) => [id, 1, body, sha256Hex(body), 1, author, '', now]),
    );
    await insert(
      database,
      'revision_reference (document_id, revision_number, target)',
      rows.flatMap(({ id, targets }) => [...targets].map((target) => [id, 1, target])),
    );
    await insert(
      database,
      'release_item (release_id, document_id, environment, seq, op, revision)',
      rows.map(({ id }) => [release, id, 'production', seq, 'PUT', 1]),
    );
  }
  await insert(
    database,
    '`release` (id, environment, seq, type, state, title, reason, author_id, created_at, landed_at, landed_by, state_hash)',
    [[release, 'production', seq, 'FORWARD', 'LANDED', 'Everything at once', '', author, now, now, author, stateHash]],
  );
  await database.query("UPDATE environment SET head_seq = ?, state_hash = ? WHERE name = 'production'", [
    seq,
    stateHash,
  ]);
}

/** The n-th document: each site has its pages, and for the rest promos, whose keys and tags it shares with the other sites. */
function generate(number: number, sites: readonly string[]): GeneratedDocument {
  const site = sites[number % sites.length] ?? '';
  const within = Math.floor(number / sites.length);
  if (within < PAGES) {
    const body = pageBody(within);
    return {
      ref: { kind: 'layout', site, key: body.page },
      label: body.page,
      body: canonicalJson(body),
      targets: referenceTargets(layoutKind, body),
    };
  }
  const body: PromoBody = promoBody(number, {
    tags: [...(within % 100 === 0 ? ['homepage'] : []), `topic-${within % PAGES}`],
    ...(within % 3 === 0 ? { audience: audienceOf(number) } : {}),
  });
  return {
    ref: { kind: 'promo', site, key: `promo-${within}` },
    label: body.title,
    body: canonicalJson(body),
    targets: referenceTargets(promoKind, body),
  };
}

function pageBody(page: number): LayoutBody {
  const named = Array.from({ length: 3 }, (_, at) => ({ promo: `promo-${PAGES + page * 3 + at}` }));
  return {
    page: page === 0 ? 'home' : `topic-${page}`,
    slots: [
      { name: 'hero', items: named },
      { name: 'offers', items: [{ promos: { tags: [page === 0 ? 'homepage' : `topic-${page}`], limit: 6 } }] },
    ],
  };
}

async function insert(database: Connection, into: string, rows: unknown[][]): Promise<void> {
  if (rows.length > 0) await database.query(`INSERT INTO ${into} VALUES ?`, [rows]);
}

async function column<Value>(database: Connection, sql: string): Promise<Value[]> {
  const [rows] = await database.query(sql);
  const found: { value: Value }[] = JSON.parse(JSON.stringify(rows));
  return found.map(({ value }) => value);
}
