import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { formatRef, type KindName, sha256Hex } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import { Audit } from '../audit/audit.js';
import type { Tx } from '../database/database.js';
import { EnvironmentRow } from '../releases/release.entity.js';
import { Listing } from './listing/listing.js';
import { environmentsOfAuthor, mayReplace } from './draft-environments.js';

/** A draft that a program made of something else. Its body has been checked by its kind, its key by its maker. */
export interface BulkDraft {
  kind: KindName;
  site: string;
  key: string;
  label: string;
  /** Canonical JSON. */
  body: string;
  schemaVersion: number;
  /** SHA-256 of the draft that its author saved last; `null` without one. */
  seenSha256: string | null;
}

export interface BulkOutcome {
  documentId: string;
  /** `CONFLICT`: there is a draft that its maker has not seen, or may not replace; it was left alone. */
  state: 'CREATED' | 'UPDATED' | 'UNCHANGED' | 'CONFLICT';
}

interface Existing {
  documentId: string;
  key: string;
  site: string;
  kind: string;
  label: string;
  body: string;
  environments: string;
}

/**
 * Many drafts in one transaction, for programs that make them by the thousand. The rule is that of every save: no one
 * overwrites a state that they have not seen. All drafts together are one entry in the audit log.
 */
@Injectable()
export class BulkDrafts {
  constructor(
    private readonly audit: Audit,
    private readonly listing: Listing,
  ) {}

  /** In the order of the drafts, which must have different names. */
  async save(
    tx: Tx,
    actor: Actor,
    drafts: readonly BulkDraft[],
    cause: { targetType: string; targetId: string | null },
  ): Promise<BulkOutcome[]> {
    if (drafts.length === 0) return [];
    const existing = await this.existing(tx, drafts);
    const environments = (await tx.find(EnvironmentRow)).map(({ name }) => name);
    const now = new Date();
    const documents: unknown[][] = [];
    const bodies: unknown[][] = [];
    const labels: [string, string][] = [];
    const outcomes = drafts.map((draft): BulkOutcome => {
      const found = existing.get(formatRef(draft));
      if (found?.body === draft.body) return { documentId: found.documentId, state: 'UNCHANGED' };
      if (found && sha256Hex(found.body) !== draft.seenSha256)
        return { documentId: found.documentId, state: 'CONFLICT' };
      if (found && !mayReplace(actor, draft, found.environments, environments))
        return { documentId: found.documentId, state: 'CONFLICT' };
      const documentId = found?.documentId ?? uuidv7();
      if (!found) documents.push([documentId, draft.kind, draft.site, draft.key, draft.label, now]);
      else if (found.label !== draft.label) labels.push([documentId, draft.label]);
      bodies.push([documentId, 1, draft.body, draft.schemaVersion, actor.id, now, environmentsOfAuthor(actor, draft)]);
      return { documentId, state: found ? 'UPDATED' : 'CREATED' };
    });
    if (documents.length > 0)
      await tx.query('INSERT INTO document (id, kind, site, doc_key, label, created_at) VALUES ?', [documents]);
    for (const [id, label] of labels) await tx.query('UPDATE document SET label = ? WHERE id = ?', [label, id]);
    if (bodies.length > 0) {
      await tx.query(
        `INSERT INTO draft (document_id, lock_version, body, schema_version, updated_by, updated_at, environments) VALUES ?
         ON DUPLICATE KEY UPDATE lock_version = lock_version + 1, body = VALUES(body), schema_version = VALUES(schema_version),
           updated_by = VALUES(updated_by), updated_at = VALUES(updated_at), environments = VALUES(environments)`,
        [bodies],
      );
      await this.listing.saved(
        tx,
        drafts.flatMap((draft, at) => {
          const { documentId, state } = outcomes[at] ?? {};
          if (documentId === undefined || (state !== 'CREATED' && state !== 'UPDATED')) return [];
          return [{ ...draft, documentId, author: actor.id, savedAt: now }];
        }),
      );
      await this.record(
        tx,
        actor,
        drafts.filter((_, at) => ['CREATED', 'UPDATED'].includes(outcomes[at]?.state ?? '')),
        cause,
      );
    }
    return outcomes;
  }

  /** The drafts that are there, locked until the transaction ends. */
  private async existing(tx: Tx, drafts: readonly BulkDraft[]): Promise<Map<string, Existing>> {
    // By kind and site, so that keys are looked up in the index; in one order, so that two writers wait instead of
    // deadlocking.
    const groups = [...Map.groupBy(drafts, ({ kind, site }) => `${kind}/${site}`)].sort(([a], [b]) => (a < b ? -1 : 1));
    const rows: Existing[] = [];
    for (const [, group] of groups) {
      const [{ kind, site } = { kind: '', site: '' }] = group;
      const found: Existing[] = await tx.query(
        `SELECT d.id AS documentId, d.kind, d.site, d.doc_key AS \`key\`, d.label, draft.body, draft.environments FROM document d
         JOIN draft ON draft.document_id = d.id WHERE d.kind = ? AND d.site = ? AND d.doc_key IN (?) ORDER BY d.id FOR UPDATE`,
        [kind, site, group.map(({ key }) => key)],
      );
      rows.push(...found);
    }
    return new Map(rows.map((row) => [formatRef(row), row]));
  }

  private async record(
    tx: Tx,
    actor: Actor,
    saved: readonly BulkDraft[],
    cause: { targetType: string; targetId: string | null },
  ): Promise<void> {
    const named = saved.slice(0, MAX_NAMED).map(formatRef);
    await this.audit.append(tx, {
      actor,
      action: 'drafts.saved',
      ...cause,
      details: { count: saved.length, documents: named },
    });
  }
}

/** Documents that one entry of the audit log names. */
const MAX_NAMED = 100;
