import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { type KindName, parseRef } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import { mayRead } from '../access/reading.js';
import type { AuditEntryRow } from '../audit/audit.entity.js';
import type { EntryRun } from '../audit/tail/entry-queue.js';
import { Database } from '../database/database.js';
import { DocumentRow } from '../documents/document.entity.js';
import { Documents } from '../documents/documents.js';
import { ReleaseItemRow, ReleaseRow } from './release.entity.js';

/** Documents that one event shows. */
const MAX_SHOWN = 100;
/** The action of an entry that names several documents. */
const BULK = 'drafts.saved';

export interface ChangedRows {
  rows: DocumentRow[];
  more: boolean;
  environment: string | null;
}

/**
 * Entries that tell of documents; `undefined` for all others. Saves by one person are one change as long as they follow
 * each other, so that a thousand saves of a script are a few events. A landing and a bulk edit are always their own.
 */
export function documentsGroup(entry: AuditEntryRow): string | undefined {
  const { number, action, actor, targetType, targetId } = entry;
  if (action === BULK) return String(number);
  if (targetId === null) return undefined;
  if (targetType === 'document') return `${actor} ${action}`;
  return targetType === 'release' && hasSeq(entry) ? String(number) : undefined;
}

/** Finds the documents that entries of the audit log tell of. */
@Injectable()
export class ChangedDocuments {
  constructor(
    private readonly db: Database,
    private readonly documents: Documents,
  ) {}

  /** `undefined` where the entries, all of one {@link documentsGroup}, name no requested document that the reader may read. */
  async of(
    reader: Actor,
    run: EntryRun,
    wanted: { kinds: readonly KindName[] | undefined; site: string | undefined },
  ): Promise<ChangedRows | undefined> {
    const found = await this.find(run);
    if (!found) return undefined;
    const { environment } = found;
    const rows = found.rows.filter(
      (row) =>
        (wanted.kinds?.includes(row.kind) ?? true) &&
        (wanted.site === undefined || row.site === wanted.site) &&
        mayRead(reader, { kind: row.kind, site: row.site, ...(environment === null ? {} : { environment }) }),
    );
    // A remaining count is shown only beside a document that may be read.
    return rows.length === 0
      ? undefined
      : { rows: rows.slice(0, MAX_SHOWN), more: found.more || rows.length > MAX_SHOWN, environment };
  }

  private async find(run: EntryRun): Promise<ChangedRows | undefined> {
    const [{ action, targetType, targetId, details }] = run;
    if (action === BULK) return this.ofBulk(details);
    if (targetType === 'release' && targetId !== null) return this.ofRelease(targetId);
    const newestFirst = new Set(run.map((entry) => entry.targetId ?? '').reverse());
    const documents = await this.documents.byIds([...newestFirst]);
    return { rows: [...newestFirst].flatMap((id) => documents.get(id) ?? []), more: false, environment: null };
  }

  private async ofRelease(id: string): Promise<ChangedRows | undefined> {
    const release = await this.db.manager.findOneBy(ReleaseRow, { id });
    if (!release) return undefined;
    const items = await this.db.manager.find(ReleaseItemRow, { where: { releaseId: id } });
    const documents = await this.documents.byIds(items.map(({ documentId }) => documentId));
    return { rows: [...documents.values()], more: false, environment: release.environment };
  }

  /** An entry names some of the documents that were saved at once, and says how many there were. */
  private async ofBulk(details: string): Promise<ChangedRows> {
    const parsed: unknown = JSON.parse(details);
    const names = typeof parsed === 'object' && parsed !== null && 'documents' in parsed ? parsed.documents : [];
    const count = typeof parsed === 'object' && parsed !== null && 'count' in parsed ? Number(parsed.count) : 0;
    const refs = Array.isArray(names) ? names.flatMap((name) => parseRef(String(name)) ?? []) : [];
    const rows: DocumentRow[] = [];
    for (const [kind, some] of Map.groupBy(refs, (ref) => ref.kind)) {
      const keys = In(some.map(({ key }) => key));
      const candidates = await this.db.manager.findBy(DocumentRow, { kind, key: keys });
      rows.push(...candidates.filter((row) => some.some(({ site, key }) => site === row.site && key === row.key)));
    }
    return { rows, more: count > refs.length, environment: null };
  }
}

/** A release changes documents when it lands; its entry then has its seq. */
function hasSeq({ details }: AuditEntryRow): boolean {
  const parsed: unknown = JSON.parse(details);
  return typeof parsed === 'object' && parsed !== null && 'seq' in parsed;
}
