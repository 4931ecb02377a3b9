import { Injectable } from '@nestjs/common';
import { type AdoptionBody, ALL_SITES } from '@paddock/contracts';
import { Database } from '../../database/database.js';
import { DocumentRow } from '../../documents/document.entity.js';
import { Documents, pinKey } from '../../documents/documents.js';
import { NotFoundProblem, ProblemError } from '../../graphql/problems.js';
import { LiveState } from '../../releases/live-state.js';
import { EnvironmentRow } from '../../releases/release.entity.js';

/** A mapping and the document that it is. */
export interface Mapping {
  id: string;
  key: string;
  body: AdoptionBody;
}

/** Mappings as drafts and as what is live. A mapping works only where it is live in the environment that it names. */
@Injectable()
export class Mappings {
  constructor(
    private readonly db: Database,
    private readonly documents: Documents,
    private readonly state: LiveState,
  ) {}

  /** Everything that is at work. */
  async allLive(): Promise<Mapping[]> {
    const environments = await this.db.manager.find(EnvironmentRow, { select: { name: true }, order: { name: 'ASC' } });
    const found = await Promise.all(environments.map(({ name }) => this.live(name)));
    return found.flat();
  }

  /** What is at work in an environment, in the order of documents. Mappings belong to no site. */
  async live(environment: string): Promise<Mapping[]> {
    const rows = await this.db.manager.findBy(DocumentRow, { kind: 'adoption', site: ALL_SITES });
    const live = await this.state.of(
      this.db.manager,
      environment,
      rows.map(({ id }) => id),
    );
    const revisions = await this.documents.revisionsOf([...live.values()]);
    return rows
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .flatMap(({ id, key }): Mapping[] => {
        const pin = live.get(id);
        const revision = pin && revisions.get(pinKey(id, pin.revision));
        if (!revision) return [];
        const body: AdoptionBody = JSON.parse(revision.body);
        return body.environment === environment ? [{ id, key, body }] : [];
      });
  }

  /** A mapping as it is being edited. */
  async draft(id: string): Promise<Mapping> {
    const row = await this.documents.byId(id);
    const draft = row?.kind === 'adoption' ? (await this.documents.drafts([id])).get(id) : undefined;
    if (!row || !draft) throw new ProblemError(new NotFoundProblem(`mapping: there is no mapping ${id.slice(0, 60)}`));
    return { id, key: row.key, body: JSON.parse(draft.body) };
  }
}
