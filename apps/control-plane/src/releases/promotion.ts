import { Injectable } from '@nestjs/common';
import type { Actor } from '../access/actor.js';
import { Database } from '../database/database.js';
import { Documents } from '../documents/documents.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../graphql/problems.js';
import { Environments } from './environments.js';
import { LiveState } from './live-state.js';
import type { ReleaseRow } from './release.entity.js';
import { ReleaseReads } from './release-reads.js';
import { Releases } from './releases.js';

/** Carries what landed in one environment to another: the same revisions, never a copy of a draft. */
@Injectable()
export class Promotion {
  constructor(
    private readonly db: Database,
    private readonly reads: ReleaseReads,
    private readonly releases: Releases,
    private readonly documents: Documents,
    private readonly environments: Environments,
    private readonly live: LiveState,
  ) {}

  /** Makes a release of the same revisions, to be planned and published there like any other. */
  async promote(actor: Actor, input: { id: string; to: string }): Promise<ReleaseRow> {
    const source = await this.reads.findOrThrow(actor, input.id);
    this.releases.authorizeAll(actor, 'release:promote', input.to, []);
    const target = await this.environments.findOrThrow(this.db.manager, input.to, 'to');
    const items = await this.releases.items(this.db.manager, source.id);
    const ids = items.map((item) => item.documentId);
    this.releases.authorizeAll(actor, 'release:promote', target.name, [...(await this.documents.byIds(ids)).values()]);
    const problems = [
      ...(source.state === 'LANDED'
        ? []
        : [new FieldProblem('id', 'NOT_LANDED', `release ${source.id} has not landed in ${source.environment} yet`)]),
      ...(source.environment === target.name
        ? [new FieldProblem('to', 'SAME_ENVIRONMENT', `the release is of ${target.name} already`)]
        : []),
    ];
    if (problems.length > 0) throw new ProblemError(new ValidationProblem(problems));

    return this.db.tx(async (tx) => {
      const there = await this.live.of(tx, target.name, ids);
      const release = await this.releases.insert(tx, actor, {
        ...{ environment: target.name, type: 'FORWARD', title: source.title, revertsId: null },
        reason: `promoted from ${source.environment} release ${source.seq}`,
        // A document that is not live there needs no removal.
        pins: items.filter((item) => item.op === 'PUT' || there.has(item.documentId)),
      });
      await this.releases.record(tx, actor, 'release.promoted', release, { from: source.id });
      return release;
    });
  }
}
