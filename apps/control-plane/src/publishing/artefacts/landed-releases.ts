import { Injectable } from '@nestjs/common';
import {
  type Change,
  type ChangeItem,
  EMPTY_STATE,
  type KindName,
  type ReleaseType,
  type StateHash,
} from '@paddock/contracts';
import { Database } from '../../database/database.js';
import { EnvironmentRow } from '../../releases/release.entity.js';
import { ARTEFACTS } from '../delivery-targets.js';
import type { Blob } from './artefact-store.js';

/** Where MySQL says that an environment stands. */
export interface DatabaseHead {
  environment: string;
  epoch: string;
  seq: number;
  stateHash: StateHash;
  settingsVersion: number;
}

/** A landed release without its items. */
export interface LandedRelease extends Omit<Change, 'items'> {
  itemCount: number;
}

/** What landed after a seq. */
export interface LandedAfter {
  databaseHead: DatabaseHead;
  /** The state hash of that seq in MySQL; `undefined` where no release landed with it. */
  stateHashAt: StateHash | undefined;
  releases: LandedRelease[];
}

/** A revision that someone may read, by the hash of its body. */
export interface RevisionName {
  documentId: string;
  revision: number;
  sha256: string;
}

interface ReleaseColumns {
  epoch: string;
  headSeq: string;
  headHash: string;
  settingsVersion: string;
  hashAt: string | null;
  id: string | null;
  seq: string;
  type: ReleaseType;
  title: string;
  landedAt: Date;
  stateHash: string;
  previousHash: string | null;
  itemCount: string;
  requestId: string | null;
  traceparent: string | null;
}

interface ItemColumns {
  seq: string;
  kind: KindName;
  site: string;
  key: string;
  sha256: string | null;
  revision: number | null;
  body?: string | null;
}

/** Portions with more items than this hold one release only, however large. */
const ITEMS_PER_PORTION = 2_000;
/** Bodies in one read. */
const BODIES_PER_READ = 200;

/** Reads what landed, as artefacts show it. */
@Injectable()
export class LandedReleases {
  constructor(private readonly db: Database) {}

  async databaseHeads(): Promise<DatabaseHead[]> {
    return (await this.db.manager.find(EnvironmentRow)).map(toDatabaseHead);
  }

  async databaseHead(environment: string): Promise<DatabaseHead | undefined> {
    const row = await this.db.manager.findOneBy(EnvironmentRow, { name: environment });
    return row ? toDatabaseHead(row) : undefined;
  }

  /** The head of the environment and the releases after `seq`, oldest first, in one read; `undefined` for an unknown environment. */
  async after(environment: string, seq: number, limit: number): Promise<LandedAfter | undefined> {
    const rows: ReleaseColumns[] = await this.db.manager.query(
      `SELECT e.epoch, e.head_seq AS headSeq, e.state_hash AS headHash, e.settings_version AS settingsVersion,
         at.state_hash AS hashAt, previous.state_hash AS previousHash,
         r.id, r.seq, r.type, r.title, r.landed_at AS landedAt, r.state_hash AS stateHash,
         (SELECT COUNT(*) FROM release_item i WHERE i.release_id = r.id) AS itemCount,
         o.request_id AS requestId, o.traceparent
       FROM environment e
       LEFT JOIN \`release\` at ON at.environment = e.name AND at.seq = ?
       LEFT JOIN \`release\` r ON r.environment = e.name AND r.seq > ?
       LEFT JOIN \`release\` previous ON previous.environment = e.name AND previous.seq = r.seq - 1
       LEFT JOIN outbox o ON o.environment = r.environment AND o.topic = 'release' AND o.version = r.seq AND o.target = ?
       WHERE e.name = ? ORDER BY r.seq LIMIT ?`,
      [seq, seq, ARTEFACTS, environment, limit],
    );
    const first = rows[0];
    if (!first) return undefined;
    const { epoch, headSeq, headHash, settingsVersion, hashAt } = first;
    return {
      databaseHead: {
        environment,
        epoch,
        seq: Number(headSeq),
        stateHash: headHash,
        settingsVersion: Number(settingsVersion),
      },
      stateHashAt: seq === 0 ? EMPTY_STATE : (hashAt ?? undefined),
      releases: rows.flatMap(toLanded),
    };
  }

  /** The releases with their items, and with the bodies that these put where wanted. */
  async withItems(
    releases: readonly LandedRelease[],
    { bodies }: { bodies: boolean },
  ): Promise<{ changes: Change[]; blobs: Blob[] }> {
    if (releases.length === 0) return { changes: [], blobs: [] };
    const rows: ItemColumns[] = await this.db.manager.query(
      `SELECT i.seq, d.kind, d.site, d.doc_key AS \`key\`, r.sha256, r.number AS revision ${bodies ? ', r.body' : ''}
       FROM release_item i
       JOIN document d ON d.id = i.document_id
       LEFT JOIN revision r ON i.op = 'PUT' AND r.document_id = i.document_id AND r.number = i.revision
       WHERE i.release_id IN (?) ORDER BY i.seq, i.document_id`,
      [releases.map((release) => release.releaseId)],
    );
    const items = new Map<number, ChangeItem[]>(releases.map((release) => [release.seq, []]));
    const blobs = new Map<string, string>();
    for (const { seq, kind, site, key, sha256, revision, body } of rows) {
      items.get(Number(seq))?.push({ kind, site, key, sha256, ...(revision === null ? {} : { revision }) });
      if (sha256 && body) blobs.set(sha256, body);
    }
    return {
      changes: releases.map(({ itemCount: _, ...release }) => ({ ...release, items: items.get(release.seq) ?? [] })),
      blobs: [...blobs].map(([sha256, body]) => ({ sha256, body })),
    };
  }

  /** The bodies of some revisions, in portions. */
  async *bodies(revisions: readonly RevisionName[]): AsyncGenerator<Blob[]> {
    for (let from = 0; from < revisions.length; from += BODIES_PER_READ) {
      const some = revisions.slice(from, from + BODIES_PER_READ);
      yield await this.db.manager.query('SELECT sha256, body FROM revision WHERE (document_id, number) IN (?)', [
        some.map(({ documentId, revision }) => [documentId, revision]),
      ]);
    }
  }

  /** What some releases put. */
  async revisionsOf(releases: readonly LandedRelease[]): Promise<RevisionName[]> {
    if (releases.length === 0) return [];
    return this.db.manager.query(
      `SELECT i.document_id AS documentId, i.revision, r.sha256 FROM release_item i
       JOIN revision r ON r.document_id = i.document_id AND r.number = i.revision
       WHERE i.release_id IN (?) AND i.op = 'PUT'`,
      [releases.map((release) => release.releaseId)],
    );
  }
}

function toDatabaseHead(row: EnvironmentRow): DatabaseHead {
  const { name, epoch, headSeq, stateHash, settingsVersion } = row;
  return { environment: name, epoch, seq: headSeq, stateHash, settingsVersion };
}

function toLanded(row: ReleaseColumns): LandedRelease[] {
  if (row.id === null) return [];
  const { id, seq, type, title, landedAt, stateHash, previousHash, itemCount, requestId, traceparent } = row;
  return [
    {
      seq: Number(seq),
      previousStateHash: previousHash ?? EMPTY_STATE,
      releaseId: id,
      type,
      title,
      landedAt: landedAt.toISOString(),
      stateHash,
      itemCount: Number(itemCount),
      ...(requestId ? { requestId } : {}),
      ...(traceparent ? { traceparent } : {}),
    },
  ];
}

/** The releases that directly follow `seq`, as many as are well handled at once. */
export function firstPortion(releases: readonly LandedRelease[], seq: number): LandedRelease[] {
  const portion: LandedRelease[] = [];
  let items = 0;
  for (const release of releases) {
    items += release.itemCount;
    if (release.seq !== seq + 1 + portion.length || (portion.length > 0 && items > ITEMS_PER_PORTION)) break;
    portion.push(release);
  }
  return portion;
}
