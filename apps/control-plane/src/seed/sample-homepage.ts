import { Injectable } from '@nestjs/common';
import { ALL_SITES } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import { Database } from '../database/database.js';
import { Documents } from '../documents/documents.js';
import { Drafts } from '../documents/drafts.js';
import { Promotion } from '../releases/promotion.js';
import { Publish } from '../releases/publish.js';
import { ReleaseRow } from '../releases/release.entity.js';
import { Releases } from '../releases/releases.js';
import { SAMPLE_MARKETS } from './sample-markets.js';
import { SAMPLE_METRICS } from './sample-metrics.js';
import { SAMPLE_DOCUMENTS } from './sample-site.js';

/** The sample documents, published to staging first and promoted to production from there. */
@Injectable()
export class SampleHomepage {
  constructor(
    private readonly db: Database,
    private readonly documents: Documents,
    private readonly drafts: Drafts,
    private readonly releases: Releases,
    private readonly promotion: Promotion,
    private readonly publishing: Publish,
  ) {}

  async publish(actor: Actor): Promise<void> {
    const documents = await this.saveAll(actor);
    if (!(await this.firstRelease('staging'))) {
      const staged = await this.releases.create(actor, {
        environment: 'staging',
        title: 'Sample homepage',
        documents,
        remove: [],
      });
      await this.publishing.publishAsPlanned(actor, staged);
    }
    const staged = await this.firstRelease('staging');
    if (!staged || (await this.firstRelease('production'))) return;
    await this.publishing.publishAsPlanned(
      actor,
      await this.promotion.promote(actor, { id: staged.id, to: 'production' }),
    );
  }

  private firstRelease(environment: string): Promise<ReleaseRow | null> {
    return this.db.manager.findOneBy(ReleaseRow, { environment, seq: 1 });
  }

  private async saveAll(actor: Actor): Promise<string[]> {
    const ids: string[] = [];
    for (const { kind, key, site, body } of [...SAMPLE_DOCUMENTS, ...SAMPLE_METRICS, ...SAMPLE_MARKETS]) {
      const where = { kind, key, site: site === ALL_SITES ? undefined : site };
      const existing = await this.documents.byRef(kind, where.site, key);
      const document =
        existing ??
        (await this.drafts.save(actor, { ...where, lockVersion: undefined, body, bodyPath: `body.${kind}` }));
      ids.push(document.id);
    }
    return ids;
  }
}
