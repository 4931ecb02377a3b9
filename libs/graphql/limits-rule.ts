import { type ASTVisitor, Kind, type ValidationContext } from 'graphql';
import { readsSchema } from './introspection-rule.js';
import { fragmentsIn, tooComplex, Weigher } from './weigher.js';

/** How much an operation may be, fragments put in place. */
export interface OperationLimits {
  readonly depth: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly directives: number;
}

const MEASURES = ['depth', 'aliases', 'rootFields', 'directives'] as const satisfies (keyof OperationLimits)[];

/**
 * A validation rule that refuses what is too deep or too broad before any resolver runs; code `QUERY_TOO_COMPLEX` with
 * `measure`, `limit` and `actual`. What `__schema` and `__type` select is judged by the rule for introspection.
 */
export function limitsRule(limits: OperationLimits): (context: ValidationContext) => ASTVisitor {
  return (context) => ({
    Document(document) {
      const weigher = new Weigher(fragmentsIn(document), readsSchema);
      for (const definition of document.definitions) {
        if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
        const weight = weigher.weigh(definition.selectionSet);
        weight.directives += definition.directives?.length ?? 0;
        for (const measure of MEASURES) {
          if (weight[measure] > limits[measure])
            context.reportError(tooComplex(measure, weight[measure], limits[measure], definition));
        }
      }
    },
  });
}
