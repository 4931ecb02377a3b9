import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { type KindName, parseRef } from '#contracts';
import type { Actor } from '../access/actor.js';
import { mayRead } from '../access/reading.js';
import type { AuditEntryRow } from '../audit/audit.entity.js';
import { Database } from '../database/database.js';
import { DocumentRow } from '../documents/document.entity.js';
import { Documents } from '../documents/documents.js';
import { ReleaseItemRow, ReleaseRow } from './release.entity.js';

/** Documents that one event shows. */
const MAX_SHOWN = 100;

export interface ChangedRows {
  rows: DocumentRow[];
  more: boolean;
  environment: string | null;
}

/** Finds the documents that an entry of the audit log tells of. */
@Injectable()
export class ChangedDocuments {
  constructor(
    private readonly db: Database,
    private readonly documents: Documents,
  ) {}

  /** `undefined` where the entry tells of no document that the reader may read and asked for. */
  async of(
    reader: Actor,
    { action, targetType, targetId, details }: AuditEntryRow,
    wanted: { kinds: readonly KindName[] | undefined; site: string | undefined },
  ): Promise<ChangedRows | undefined> {
    const found = await this.find(action, targetType, targetId, details);
    if (!found) return undefined;
    const { environment } = found;
    const rows = found.rows.filter(
      (row) =>
        (wanted.kinds?.includes(row.kind) ?? true) &&
        (wanted.site === undefined || row.site === wanted.site) &&
        mayRead(reader, { kind: row.kind, site: row.site, ...(environment === null ? {} : { environment }) }),
    );
    // That there are more is told only beside something that may be read.
    return rows.length === 0
      ? undefined
      : { rows: rows.slice(0, MAX_SHOWN), more: found.more || rows.length > MAX_SHOWN, environment };
  }

  private async find(
    action: string,
    targetType: string,
    targetId: string | null,
    details: string,
  ): Promise<ChangedRows | undefined> {
    if (action === 'drafts.saved') return this.ofBulk(details);
    if (targetId === null) return undefined;
    if (targetType === 'document') {
      const row = await this.documents.byId(targetId);
      return row ? { rows: [row], more: false, environment: null } : undefined;
    }
    return targetType === 'release' ? this.ofRelease(targetId, details) : undefined;
  }

  /** A release changes documents when it lands; its entry then has its seq. */
  private async ofRelease(id: string, details: string): Promise<ChangedRows | undefined> {
    const told: unknown = JSON.parse(details);
    if (typeof told !== 'object' || told === null || !('seq' in told)) return undefined;
    const release = await this.db.manager.findOneBy(ReleaseRow, { id });
    if (!release) return undefined;
    const items = await this.db.manager.find(ReleaseItemRow, { where: { releaseId: id } });
    const documents = await this.documents.byIds(items.map(({ documentId }) => documentId));
    return { rows: [...documents.values()], more: false, environment: release.environment };
  }

  /** An entry names some of the documents that were saved at once, and says how many there were. */
  private async ofBulk(details: string): Promise<ChangedRows> {
    const told: unknown = JSON.parse(details);
    const names = typeof told === 'object' && told !== null && 'documents' in told ? told.documents : [];
    const count = typeof told === 'object' && told !== null && 'count' in told ? Number(told.count) : 0;
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
