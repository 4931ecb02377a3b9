import { Injectable } from '@nestjs/common';
import type { AdoptionBody } from '@paddock/contracts';
import { KindRegistry } from '../../documents/kind-registry.js';
import { ProblemError, ValidationProblem } from '../../graphql/problems.js';
import { pagesOf } from '../import/candidate-pages.js';
import { Sources } from '../source/sources.js';
import { compileAt } from '../tables/table-reader.js';
import { madeDocument, type MadeDocument, type RenderedPage, renderHomepage } from './homepage.js';

/** Documents beyond these are no homepage that a person looks at. */
const MAX_DOCUMENTS = 5_000;
const MAX_VIEWS = 8;

/** Pages that the rows of mappings would make together, before any of them is imported. */
@Injectable()
export class RunHomepages {
  constructor(
    private readonly kinds: KindRegistry,
    private readonly sources: Sources,
  ) {}

  /** One page for every site that a mapping is for, and of it one for every language that promos are shown to. */
  async render(mappings: readonly AdoptionBody[], page: string, now = Date.now()): Promise<RenderedPage[]> {
    const made = await Promise.all(mappings.map(async (body) => ({ body, documents: await this.documentsOf(body) })));
    const sites = new Set(mappings.map(({ documents }) => documents.site));
    return [...sites].flatMap((site) => {
      // What is for all sites stands on the pages of each.
      const documents = made
        .filter(({ body }) => body.documents.site === site || body.documents.site === undefined)
        .flatMap((one) => one.documents);
      const environment = mappings.find(({ documents: { site: of } }) => of === site)?.environment ?? '';
      const locales = [
        ...new Set(documents.flatMap((one) => (one.kind === 'promo' ? (one.body.audience?.locales ?? []) : []))),
      ].slice(0, MAX_VIEWS);
      const views = locales.length > 0 ? locales : [undefined];
      return views.flatMap((locale) => renderHomepage({ documents, site, environment, page, locale, now }) ?? []);
    });
  }

  private async documentsOf(body: AdoptionBody): Promise<MadeDocument[]> {
    const source = await this.sources.findOrThrow(body.source);
    const kind = this.kinds.get(body.documents.kind);
    return this.sources.use(source, { write: false }, async (session) => {
      const compiled = await compileAt(session, body);
      if (!compiled.ok) throw new ProblemError(new ValidationProblem(compiled.problems));
      const documents: MadeDocument[] = [];
      for await (const { page } of pagesOf(session, compiled.mapping, kind)) {
        documents.push(...page.flatMap((candidate) => madeDocument(candidate, body)));
        if (documents.length >= MAX_DOCUMENTS) break;
      }
      return documents;
    });
  }
}
