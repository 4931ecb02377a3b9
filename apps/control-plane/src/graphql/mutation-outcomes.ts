import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { type GqlContextType, GqlExecutionContext } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { type Observable, tap } from 'rxjs';
import { Counter, type Registry } from '@paddock/runtime';
import { METRICS } from '../process.js';
import { BlockedProblem, ProblemError } from './problems.js';

/** What a mutation counts as that did what it was asked for, and one that failed in an unforeseen way. */
const DONE = 'OK';
const FAILED = 'ERROR';

/**
 * Counts what came of each mutation: sign-ins, saved drafts, publishes, rollbacks and all others, by the code of the
 * problem where there was one. Names and codes come from the schema, so the series stay few.
 */
@Injectable()
export class MutationOutcomes implements NestInterceptor {
  private readonly mutations: Counter<'mutation' | 'result'>;
  private readonly gates: Counter<'gate'>;

  constructor(@Inject(METRICS) registry: Registry) {
    const registers = [registry];
    this.mutations = new Counter({
      name: 'paddock_mutations_total',
      help: `Mutations by result: ${DONE}, the code of the problem that the caller got, or ${FAILED}`,
      labelNames: ['mutation', 'result'],
      registers,
    });
    this.gates = new Counter({
      name: 'paddock_gates_refused_total',
      help: 'Gates that kept a release from landing when somebody asked for it, by code',
      labelNames: ['gate'],
      registers,
    });
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType<GqlContextType>() !== 'graphql') return next.handle();
    const info = GqlExecutionContext.create(context).getInfo<GraphQLResolveInfo>();
    return next.handle().pipe(tap({ next: () => this.count(info, DONE) }));
  }

  /** What is thrown by guards, by the validation of inputs or by the mutation itself. */
  failed(info: GraphQLResolveInfo, error: unknown): void {
    if (!(error instanceof ProblemError)) return this.count(info, FAILED);
    this.count(info, error.problem.code);
    if (error.problem instanceof BlockedProblem)
      for (const { code } of error.problem.gates) this.gates.inc({ gate: code });
  }

  private count({ parentType, fieldName }: GraphQLResolveInfo, result: string): void {
    if (parentType.name === 'Mutation') this.mutations.inc({ mutation: fieldName, result });
  }
}
