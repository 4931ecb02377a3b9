import { expect } from '@jest/globals';
import { advanceStateHash, EMPTY_STATE, type Manifest, sha256Hex } from '#contracts';
import { verifyChain } from '../../apps/control-plane/src/audit/verify-chain.js';
import { createDataSource } from '../../apps/control-plane/src/database/data-source.js';
import type { EdgeReport } from './edge-watch.js';
import type { Installation } from './installation.js';
import type { Attempt } from './twins.js';

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

/** What must hold whatever happened, once everything runs again: history, audit log, edges and answers agree. */
export async function expectTruth(installation: Installation, attempts: readonly Attempt[] = []): Promise<void> {
  await expectOneHistory(installation);
  await expectWholeAuditLog(installation);
  await expectEdgesToHoldIt(installation);
  await expectPromisesKept(installation, attempts);
}

/** What readers saw meanwhile: no fault, and under every seq the title that MySQL has for it. */
export async function expectFaultlessReads(installation: Installation, { answers, violations, titles }: EdgeReport): Promise<void> {
  expect(violations).toEqual([]);
  expect(answers).toBeGreaterThan(0);
  for (const [seq, title] of titles) {
    const live = await liveAt(installation, 'production', seq);
    const bodies = live.filter(({ key }) => key.startsWith('twins-')).map(({ body }) => (JSON.parse(body) as { title: string }).title);
    expect({ seq, bodies }).toEqual({ seq, bodies: [title, title] });
  }
}

export function liveAt(installation: Installation, environment: string, seq: number): Promise<LiveRow[]> {
  return installation.sql<LiveRow>(LIVE_AT, [environment, seq, environment]);
}

/** Seqs from 1 without gap or double, one audit row each, and a state hash that the history leads to. */
async function expectOneHistory(installation: Installation): Promise<void> {
  for (const { name, headSeq, stateHash } of await installation.standings()) {
    const landed = await installation.sql<{ seq: number; audited: number }>(
      `SELECT r.seq, (SELECT COUNT(*) FROM audit_entry a WHERE a.target_type = 'release' AND a.target_id = r.id
         AND a.action IN ('release.published', 'release.rolled-back', 'document.rolled-back')) AS audited
       FROM \`release\` r WHERE r.environment = ? AND r.state = 'LANDED' ORDER BY r.seq`,
      [name],
    );
    expect(landed).toEqual(Array.from({ length: headSeq }, (_, index) => ({ seq: index + 1, audited: 1 })));
    const live = await liveAt(installation, name, headSeq);
    expect(advanceStateHash(EMPTY_STATE, live.map((row) => ({ ref: row, before: null, after: row.sha256 })))).toBe(stateHash);
  }
}

async function expectWholeAuditLog({ parts }: Installation): Promise<void> {
  const source = await createDataSource(new URL(parts.databaseUrl), { poolSize: 1 }).initialize();
  try {
    expect(await verifyChain(source.manager)).toMatchObject({ ok: true });
  } finally {
    await source.destroy();
  }
}

/** Every edge has every live document, by name and by content, and none besides. */
async function expectEdgesToHoldIt(installation: Installation): Promise<void> {
  const { edges, credentials } = installation.parts;
  const headers = { 'Paddock-Client-Key': credentials.clientKey };
  const live = await liveAt(installation, 'production', await installation.headSeq());
  for (const edge of edges) {
    const response = await fetch(`${edge.url}/v1/production/manifest`, { headers });
    const { documents } = (await response.json()) as Manifest;
    const byName = documents.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    expect(byName).toEqual(live.map(({ body: _, ...document }) => document).toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)));
    for (const { sha256, body } of live) {
      const blob = await fetch(`${edge.url}/v1/production/blobs/${sha256}`, { headers });
      expect(await blob.text()).toBe(body);
      expect(sha256Hex(body)).toBe(sha256);
    }
  }
}

/** What was acknowledged is in the history under that very seq, each key once; what was refused is not. */
async function expectPromisesKept(installation: Installation, attempts: readonly Attempt[]): Promise<void> {
  const releases = await installation.sql<{ id: string; seq: number; title: string; key: string }>(
    `SELECT r.id, r.seq, r.title, k.idempotency_key AS \`key\` FROM idempotency_key k JOIN \`release\` r ON r.id = k.release_id`,
  );
  const seqs: number[] = [];
  for (const { key, marker, settled } of attempts) {
    const landed = releases.filter((release) => release.key === key).map(({ id, seq, title }) => ({ releaseId: id, seq, title }));
    if (settled && 'seq' in settled) {
      expect(landed).toEqual([{ ...settled, title: marker }]);
      seqs.push(settled.seq);
    } else {
      expect(landed).toEqual([]);
    }
  }
  expect(new Set(seqs).size).toBe(seqs.length);
}

function nameOf({ kind, site, key }: { kind: string; site: string; key: string }): string {
  return `${kind}/${site}/${key}`;
}
