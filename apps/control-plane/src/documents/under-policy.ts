import { type AddressPolicy, destinationProblems } from '@paddock/outbound';
import { FieldProblem } from '../graphql/problems.js';
import type { ConfigKind } from './config-kind.js';

/** Where documents of each group may lead. */
export type OutboundPolicies = Readonly<Record<'feeds' | 'upstreams', AddressPolicy>>;

/**
 * A kind that also refuses bodies with addresses that this installation does not allow. The services use the same code
 * and setting, so their refusals appear earlier: at save, and as gates of a plan.
 */
export function underPolicy(kind: ConfigKind, policies: OutboundPolicies): ConfigKind {
  const { destinations } = kind;
  if (!destinations) return kind;
  return {
    ...kind,
    parse(input) {
      const parsed = kind.parse(input);
      const found = destinationProblems(destinations.of(input), policies[destinations.policy]);
      if (found.length === 0) return parsed;
      const refused = found.map(({ path, code, message }) => new FieldProblem(path, code, message));
      const known = parsed.ok ? [] : parsed.problems;
      // A field that is refused already needs no second reason.
      const others = refused.filter(({ path }) => !known.some((problem) => problem.path === path));
      return { ok: false, problems: [...known, ...others] };
    },
  };
}
