import { Injectable } from '@nestjs/common';
import { sha256Hex } from '@paddock/contracts';
import type { SourceSession } from '@paddock/foreign-database';
import type { Actor } from '../../access/actor.js';
import { Audit } from '../../audit/audit.js';
import { Database, type Tx } from '../../database/database.js';
import { BulkDrafts } from '../../documents/bulk-drafts.js';
import type { ConfigKind } from '../../documents/config-kind.js';
import { Documents } from '../../documents/documents.js';
import { KindRegistry } from '../../documents/kind-registry.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../../graphql/problems.js';
import { LiveState } from '../../releases/live-state.js';
import { Releases } from '../../releases/releases.js';
import type { AdoptedRowRow, DriftEventRow } from '../adoption.entity.js';
import { type Candidate, candidates } from '../import/candidates.js';
import { pagesOf } from '../import/candidate-pages.js';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { AdoptedRows } from '../rows/adopted-rows.js';
import { GatheredDocuments } from '../rows/gathered-documents.js';
import { packCells, unpackCells } from '../rows/row-cells.js';
import { rowHash } from '../rows/row-hash.js';
import { readRows, readWhole } from '../rows/scan.js';
import type { Mapping } from '../tables/mappings.js';
import { Reaches, unaccepted } from '../write-back/reach.js';
import { RowJournal } from '../write-back/row-journal.js';
import { deleteSql } from '../write-back/row-statements.js';
import { WriteBack } from '../write-back/write-back.js';
import { DriftEvents } from './drift-events.js';
import { refused } from './drift-refused.js';

/** A drift event with everything that settling it needs. */
interface Case {
  actor: Actor;
  event: DriftEventRow;
  mapping: Mapping;
  compiled: CompiledMapping;
  session: SourceSession;
  key: Row;
  present: Row | undefined;
  known: AdoptedRowRow | undefined;
}

/** The two ways out of a drift. */
@Injectable()
export class DriftSides {
  constructor(
    private readonly db: Database,
    private readonly kinds: KindRegistry,
    private readonly documents: Documents,
    private readonly drafts: BulkDrafts,
    private readonly rows: AdoptedRows,
    private readonly gathered: GatheredDocuments,
    private readonly drifts: DriftEvents,
    private readonly releases: Releases,
    private readonly live: LiveState,
    private readonly journal: RowJournal,
    private readonly writeBack: WriteBack,
    private readonly audit: Audit,
  ) {}

  /** The current row: the user must have seen the state that they decide about. */
  async look(open: Omit<Case, 'key' | 'present' | 'known'>): Promise<Case> {
    const { event, compiled, session } = open;
    const key = unpackCells(event.keyCells);
    const [present] = await readRows(session, compiled, [key]);
    const known = (await this.rows.byKeys(event.mappingId, [event.keyHash])).get(event.keyHash);
    if ((present ? rowHash(present) : '') === event.theirHash) return { ...open, key, present, known };
    await this.db.tx((tx) =>
      this.drifts.record(tx, event.mappingId, compiled, [
        {
          key,
          documentId: event.documentId,
          kind: present ? event.kind : 'DELETED',
          seq: null,
          present,
          ours: undefined,
        },
      ]),
    );
    throw refused('id', 'CHANGED_AGAIN', 'the row was changed again; check it again');
  }

  async takeTheirs(found: Case): Promise<void> {
    const { actor, event, mapping, present } = found;
    if (!present) return this.takeTheirDeletion(found);
    const kind = this.kinds.get(mapping.body.documents.kind);
    const candidate = await candidateOf(found, present, kind);
    if (!candidate?.made || candidate.key === undefined) throw unfit(candidate);
    const { made, key, site } = candidate;
    const awaitsRelease = mapping.body.mode === 'MIRROR' && mapping.body.mirror?.policy === 'RELEASES';
    const existing = event.documentId
      ? (await this.documents.drafts([event.documentId])).get(event.documentId)
      : undefined;
    await this.db.tx(async (tx) => {
      const draft = {
        kind: kind.name,
        site,
        key,
        label: made.label,
        body: made.body,
        schemaVersion: kind.schemaVersion,
        seenSha256: existing ? sha256Hex(existing.body) : null,
      };
      const [outcome] = await this.drafts.save(tx, actor, [draft], { targetType: 'adoption', targetId: mapping.id });
      if (!outcome || outcome.state === 'CONFLICT')
        throw refused('id', 'DRAFT_EDITED', `the draft of ${key} was changed at this moment; look at it again`);
      await this.seeAll(tx, found, candidate, {
        documentId: outcome.documentId,
        bodySha256: made.sha256,
        awaitsRelease,
      });
      await this.settled(tx, found, 'TOOK_THEIRS');
    });
  }

  async takeOurs(found: Case): Promise<void> {
    const { event, mapping, compiled, session, key, present, known } = found;
    if (event.kind === 'DOES_NOT_FIT')
      throw refused(
        'take',
        'DOES_NOT_FIT',
        'the document does not fit into the row; change it and publish it, or take theirs',
      );
    if (event.kind === 'DRAFT_EDITED') {
      // The draft stays; the row counts as seen, and its next change is compared with it again.
      const candidate = present && (await candidateOf(found, present, this.kinds.get(mapping.body.documents.kind)));
      const bodySha256 = candidate?.made?.sha256 ?? known?.bodySha256 ?? null;
      await this.db.tx(async (tx) => {
        if (candidate)
          await this.seeAll(tx, found, candidate, { documentId: event.documentId, bodySha256, awaitsRelease: false });
        await this.settled(tx, found, 'TOOK_OURS');
      });
      return;
    }
    if (mapping.body.mode !== 'WRITE_BACK')
      throw refused(
        'take',
        'NOT_WRITTEN_BACK',
        `the table is not written back; its mapping is in mode ${mapping.body.mode}`,
      );
    if (event.documentId === null) {
      const whole = (await readWhole(session, compiled, [key])).get(event.keyHash);
      // No document says what the row was, so no rollback could put back what goes with it.
      const reach = await new Reaches(session).of(compiled.table, { on: 'DELETE', row: whole, changed: new Set() });
      const [why] = unaccepted({
        ...reach,
        effects: reach.effects.filter(
          ({ effect }) => effect.cause === 'FOREIGN_KEY' || !compiled.body.accepts?.includes(effect.name),
        ),
      });
      if (why) throw refused('take', 'NOT_WRITTEN', `the row cannot be removed: ${why.why}`);
      if (whole)
        await this.db.tx((tx) =>
          this.journal.keep(tx, [
            { mappingId: mapping.id, documentId: event.id, bodySha256: event.theirHash, row: whole },
          ]),
        );
      if ((await session.write(deleteSql(compiled, key, event.theirHash))) === 0)
        throw refused('id', 'CHANGED_AGAIN', 'the row was changed again; check it again');
    } else {
      // From here on it is a row that Paddock has seen, so it may be written; what it means is no document's body.
      if (key.length > 0)
        await this.db.tx((tx) =>
          this.rows.store(tx, [
            {
              ...seen(found, known),
              rowHash: event.theirHash || (known?.rowHash ?? event.keyHash),
              bodySha256: null,
              state: present ? 'PRESENT' : 'GONE',
            },
          ]),
        );
      // Settled in the transaction that remembers the row: a look at the row would else close the event by itself.
      const [outcome] = await this.writeBack.again(mapping, [event.documentId], (tx) =>
        this.settled(tx, found, 'TOOK_OURS'),
      );
      if (!outcome) throw refused('take', 'NOT_WRITTEN', 'the document no longer belongs to this mapping');
      if (outcome.standing.state === 'DIFFERS') throw refused('take', 'NOT_WRITTEN', outcome.standing.why);
      return;
    }
    await this.db.tx((tx) => this.settled(tx, found, 'TOOK_OURS'));
  }

  /** Every row that a document is made of counts as seen; a promo is made of one. */
  private async seeAll(
    tx: Tx,
    { mapping, compiled, key }: Case,
    { rows }: Candidate,
    meant: Pick<AdoptedRowRow, 'documentId' | 'bodySha256' | 'awaitsRelease'>,
  ): Promise<void> {
    await this.rows.store(
      tx,
      rows.map(({ cells, keyHash, hash }): AdoptedRowRow => ({
        mappingId: mapping.id,
        keyHash,
        keyCells: packCells(cells.slice(0, key.length)),
        rowHash: hash,
        state: 'PRESENT',
        problems: null,
        ...meant,
      })),
    );
    const { documentId, bodySha256: sha256 } = meant;
    if (compiled.gatherAt && documentId !== null && sha256 !== null)
      await this.gathered.store(tx, mapping.id, [{ documentId, sha256 }]);
  }

  /** Their row was deleted: the document is removed by a release that a person publishes. */
  private async takeTheirDeletion(found: Case): Promise<void> {
    const { actor, event, mapping, known } = found;
    const { environment, name } = mapping.body;
    const live = event.documentId
      ? await this.live.of(this.db.manager, environment, [event.documentId])
      : new Map<string, unknown>();
    if (event.documentId && live.size > 0)
      await this.releases.create(actor, {
        environment,
        title: `${name}: a row was deleted`.slice(0, 300),
        documents: [],
        remove: [event.documentId],
      });
    await this.db.tx(async (tx) => {
      if (known) await this.rows.store(tx, [{ ...known, state: 'GONE' }]);
      await this.settled(tx, found, 'TOOK_THEIRS');
    });
  }

  private async settled(tx: Tx, { actor, event, mapping }: Case, state: 'TOOK_THEIRS' | 'TOOK_OURS'): Promise<void> {
    await this.drifts.settle(tx, actor, event.id, state);
    await this.audit.append(tx, {
      actor,
      action: 'drift.settled',
      targetType: 'adoption',
      targetId: mapping.id,
      details: { drift: event.id, document: event.documentId, took: state === 'TOOK_OURS' ? 'ours' : 'theirs' },
    });
  }
}

function seen({ event, mapping }: Case, known: AdoptedRowRow | undefined): AdoptedRowRow {
  const { keyHash, keyCells, documentId } = event;
  return {
    mappingId: mapping.id,
    keyHash,
    keyCells,
    rowHash: event.theirHash,
    documentId,
    bodySha256: null,
    state: 'PRESENT',
    awaitsRelease: false,
    problems: null,
    ...known,
  };
}

/** The document that the row makes: alone, or together with all others that it is gathered with. */
async function candidateOf(
  { session, compiled }: Case,
  present: Row,
  kind: ConfigKind,
): Promise<Candidate | undefined> {
  if (!compiled.gatherAt) return candidates([present], compiled, kind)[0];
  const keyHash = rowHash(present.slice(0, compiled.keyLength));
  for await (const { page } of pagesOf(session, compiled, kind)) {
    const found = page.find(({ rows }) => rows.some((row) => row.keyHash === keyHash));
    if (found) return found;
  }
  return undefined;
}

function unfit(candidate: Candidate | undefined): ProblemError {
  const problems = (candidate?.problems ?? []).map(
    ({ column, code, why }) => new FieldProblem(`row.${column}`, code, why),
  );
  return new ProblemError(
    new ValidationProblem(
      problems.length > 0 ? problems : [new FieldProblem('id', 'NO_DOCUMENT', 'the row cannot become a document')],
    ),
  );
}
