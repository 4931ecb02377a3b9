import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { canonicalJson, type DocumentRef, sha256Hex } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import { Database, type Tx } from '../database/database.js';
import { DocumentRow, RevisionRow } from '../documents/document.entity.js';
import { KindRegistry } from '../documents/kind-registry.js';
import { databaseNow } from './environments.js';
import type { Plan, PlanGate } from './plan.js';
import { Planner } from './planner.js';
import { Releases } from './releases.js';

/** The plan of a release that has a body which no revision holds yet. */
@Injectable()
export class TrialPlanning {
  constructor(
    private readonly db: Database,
    private readonly kinds: KindRegistry,
    private readonly planner: Planner,
    private readonly releases: Releases,
  ) {}

  /** The gates as the actor may see them. */
  async gates(actor: Actor, ref: DocumentRef, body: object, environment: string): Promise<readonly PlanGate[]> {
    await this.planner.observe([]);
    const { plan, isNew } = await this.undone(async (tx) => {
      const existing = await tx.findOneBy(DocumentRow, { ...ref });
      const documentId = existing?.id ?? (await this.newDocument(tx, ref, body));
      const revision = await this.revision(tx, actor, documentId, ref, body);
      const release = await this.releases.insert(tx, actor, {
        ...{ environment, type: 'FORWARD', title: 'trial', reason: '', revertsId: null },
        pins: [{ documentId, op: 'PUT', revision }],
      });
      const ready = await this.planner.ready(tx, release, await databaseNow(tx));
      return { plan: ready.plan, isNew: existing === null };
    });
    const { gates }: Pick<Plan, 'gates'> = this.planner.seenBy(actor, plan);
    // The id of a new document exists only in the trial.
    return isNew ? gates.map((gate) => ({ ...gate, documentId: null })) : gates;
  }

  private async newDocument(tx: Tx, ref: DocumentRef, body: object): Promise<string> {
    const label = this.kinds.get(ref.kind).label(body).slice(0, 300);
    const id = uuidv7();
    await tx.insert(DocumentRow, { id, ...ref, label, createdAt: new Date() });
    return id;
  }

  /** The newest revision if it has this body, as a release would pin it; else a new one. */
  private async revision(tx: Tx, actor: Actor, documentId: string, ref: DocumentRef, body: object): Promise<number> {
    const newest = await tx.findOne(RevisionRow, { where: { documentId }, order: { number: 'DESC' } });
    const text = canonicalJson(body);
    const sha256 = sha256Hex(text);
    if (newest?.sha256 === sha256) return newest.number;
    const number = (newest?.number ?? 0) + 1;
    const { schemaVersion } = this.kinds.get(ref.kind);
    await tx.insert(RevisionRow, {
      ...{ documentId, number, body: text, sha256, schemaVersion },
      ...{ authorId: actor.id, message: 'trial', createdAt: new Date() },
    });
    return number;
  }

  /** Runs work in a transaction and rolls it back. */
  private async undone<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const undo = new Error('the transaction is undone on purpose');
    const results: T[] = [];
    await this.db
      .tx(async (tx) => {
        results.push(await work(tx));
        throw undo;
      })
      .catch((error: unknown) => {
        if (error !== undo) throw error;
      });
    const result = results.at(-1);
    if (result === undefined) throw new Error('the work returned nothing');
    return result;
  }
}
