import type { Type } from '@nestjs/common';
import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Draft, LiveRevision, Revision } from '../documents/document.object.js';
import { CurrentDraft } from '../documents/stale.problem.js';
import type { Stored } from '../documents/stored.js';
import { StateEntry } from '../point-in-time/state-at.resolver.js';
import { type DocumentBody, DocumentBodyUnion, toDocumentBody } from './body.object.js';

/** Gives an object type of the engine, which knows no kind, its `body` field. */
function bodyOf(type: Type<Stored>): Type {
  @Resolver(() => type)
  class BodyResolver {
    @ResolveField(() => DocumentBodyUnion, { description: 'The body, of the type that its kind has.' })
    body(@Parent() { kind, stored }: Stored): DocumentBody {
      return toDocumentBody(kind, stored);
    }
  }
  // Nest tells providers apart by class; their names show in its errors.
  Object.defineProperty(BodyResolver, 'name', { value: `${type.name}BodyResolver` });
  return BodyResolver;
}

/** Resolvers of `body`, wherever the API shows a stored one. */
export const BODY_RESOLVERS: readonly Type[] = [Draft, CurrentDraft, Revision, LiveRevision, StateEntry].map(bodyOf);
