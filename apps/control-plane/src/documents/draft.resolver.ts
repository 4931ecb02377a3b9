import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { ALL_SITES } from '#contracts';
import { FieldProblem } from '../graphql/problems.js';
import { Draft } from './document.object.js';
import { Documents } from './documents.js';
import { KindRegistry } from './kind-registry.js';

@Resolver(() => Draft)
export class DraftResolver {
  constructor(
    private readonly documents: Documents,
    private readonly kinds: KindRegistry,
  ) {}

  @ResolveField(() => [FieldProblem], {
    description:
      'What would keep it from being published as things are: rules that came later, and references to what does not exist.',
  })
  async problems(@Parent() { kind: name, site, stored }: Draft): Promise<FieldProblem[]> {
    const kind = this.kinds.get(name);
    const body: object = JSON.parse(stored);
    const parsed = kind.parse(body);
    const references = kind.references(body).filter((reference) => 'key' in reference);
    const existing = await this.documents.named(references, { sites: [site, ALL_SITES] });
    const missing = references.filter(
      (reference) =>
        !existing.some(
          (document) =>
            document.kind === reference.kind &&
            document.key === reference.key &&
            [site, ALL_SITES].includes(document.site),
        ),
    );
    return [
      ...(parsed.ok ? [] : parsed.problems),
      ...missing.map(
        ({ kind: target, key, path }) =>
          new FieldProblem(path, 'UNKNOWN_REFERENCE', `there is no ${target} ${JSON.stringify(key)}`),
      ),
    ];
  }
}
