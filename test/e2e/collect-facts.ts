import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { advanceStateHash, EMPTY_STATE, type Manifest } from '@paddock/contracts';
import { RECEIPTS_QUEUE } from '@paddock/tasks';
import { verifyChain } from '../../apps/control-plane/src/audit/verify/verify-chain.js';
import { createDataSource } from '../../apps/control-plane/src/database/data-source.js';
import { DELIVERIES_QUEUE } from '../../apps/control-plane/src/publishing/delivery-task.js';
import type { Installation, Standing } from './installation.js';
import type { EdgeFacts, EnvironmentFacts, Facts, KeyFacts, LandedRelease } from './judge/facts.js';

interface LiveRow {
  kind: string;
  site: string;
  key: string;
  sha256: string;
  body: string;
}

/** Everything live at a seq by MySQL's history alone. */
const LIVE_AT = `
  SELECT d.kind, d.site, d.doc_key AS \`key\`, r.sha256, r.body
  FROM release_item i
  JOIN (SELECT document_id, MAX(seq) AS seq FROM release_item WHERE environment = ? AND seq <= ? GROUP BY document_id) newest
    ON newest.document_id = i.document_id AND newest.seq = i.seq AND i.environment = ?
  JOIN document d ON d.id = i.document_id
  JOIN revision r ON i.op = 'PUT' AND r.document_id = i.document_id AND r.number = i.revision
  ORDER BY d.kind, d.site, d.doc_key`;

/** Every idempotency key and the release that it landed. */
const KEYS =
  'SELECT k.idempotency_key AS `key`, r.id AS releaseId, r.seq, r.title FROM idempotency_key k JOIN `release` r ON r.id = k.release_id';

/** Asks MySQL, the edges and the queues what they hold; `seqs` are those whose pages readers saw. */
export async function collectFacts(installation: Installation, seqs: Iterable<number> = []): Promise<Facts> {
  const standings = await installation.standings();
  const titlesAt = new Map<number, string[]>();
  for (const seq of seqs) titlesAt.set(seq, await twinTitlesAt(installation, seq));
  return {
    environments: await Promise.all(standings.map((standing) => environmentFacts(installation, standing))),
    keys: await installation.sql<KeyFacts>(KEYS),
    brokenAudit: await brokenAudit(installation),
    live: byName(await liveAt(installation, 'production', await installation.headSeq())),
    edges: await Promise.all(installation.parts.edges.map((_, edge) => edgeFacts(installation, edge))),
    titlesAt,
    failedJobs: await failedJobs(installation),
  };
}

export function liveAt(installation: Installation, environment: string, seq: number): Promise<LiveRow[]> {
  return installation.sql<LiveRow>(LIVE_AT, [environment, seq, environment]);
}

async function twinTitlesAt(installation: Installation, seq: number): Promise<string[]> {
  const live = await liveAt(installation, 'production', seq);
  return live
    .filter(({ key }) => key === 'twins-a' || key === 'twins-b')
    .map(({ body }) => (JSON.parse(body) as { title: string }).title);
}

async function environmentFacts(
  installation: Installation,
  { name, headSeq, stateHash }: Standing,
): Promise<EnvironmentFacts> {
  const landed = await installation.sql<LandedRelease>(
    `SELECT r.id, r.seq, r.title, (SELECT COUNT(*) FROM audit_entry a WHERE a.target_type = 'release' AND a.target_id = r.id
       AND a.action IN ('release.published', 'release.rolled-back', 'document.rolled-back')) AS audited
     FROM \`release\` r WHERE r.environment = ? AND r.state = 'LANDED' ORDER BY r.seq`,
    [name],
  );
  const live = await liveAt(installation, name, headSeq);
  const stateHashOfHistory = advanceStateHash(
    EMPTY_STATE,
    live.map((row) => ({ ref: row, before: null, after: row.sha256 })),
  );
  return { name, headSeq, stateHash, stateHashOfHistory, landed };
}

async function brokenAudit({ parts }: Installation): Promise<string | undefined> {
  const source = await createDataSource(new URL(parts.databaseUrl), { poolSize: 1 }).initialize();
  try {
    const verdict = await verifyChain(source.manager);
    return verdict.ok ? undefined : verdict.message;
  } finally {
    await source.destroy();
  }
}

async function edgeFacts(installation: Installation, edge: number): Promise<EdgeFacts> {
  const { url } = installation.edge(edge);
  const headers = { 'Paddock-Client-Key': installation.parts.credentials.clientKey };
  const { documents } = (await (await fetch(`${url}/v1/production/manifest`, { headers })).json()) as Manifest;
  const rows = await Promise.all(
    documents.map(async ({ kind, site, key, sha256 }) => {
      const body = await (await fetch(`${url}/v1/production/blobs/${sha256}`, { headers })).text();
      return { kind, site, key, sha256, body };
    }),
  );
  return { edge, documents: byName(rows) };
}

function byName(rows: readonly LiveRow[]): EdgeFacts['documents'] {
  return Object.fromEntries(
    rows.map(({ kind, site, key, sha256, body }) => [`${kind}/${site}/${key}`, { sha256, body }]),
  );
}

async function failedJobs({ parts }: Installation): Promise<Facts['failedJobs']> {
  const connection = new Redis(parts.redis.url, { maxRetriesPerRequest: null });
  const failed = [];
  for (const name of [DELIVERIES_QUEUE, RECEIPTS_QUEUE]) {
    const queue = new Queue(name, { connection, prefix: 'paddock' });
    const jobs = await queue.getFailed();
    failed.push(...jobs.map(({ id, failedReason }) => ({ queue: name, id: id ?? '', reason: failedReason })));
    await queue.close();
  }
  connection.disconnect();
  return failed;
}
