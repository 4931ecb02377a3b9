import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import { type GqlContextType, GqlArgumentsHost } from '@nestjs/graphql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { getNamedType, type GraphQLResolveInfo, isUnionType } from 'graphql';
import { answerProblem } from '@paddock/http-server';
import { readerOf } from '../access/reading.js';
import { LOGGER, type Logger } from '../process.js';
import { MutationOutcomes } from './mutation-outcomes.js';
import { type Problem, ProblemError } from './problems.js';
import type { RequestScope } from './request-scope.js';

/** Whatever is thrown anywhere ends here and becomes an answer. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly answerProblem: ReturnType<typeof answerProblem>;

  constructor(
    @Inject(LOGGER) logger: Logger,
    private readonly outcomes: MutationOutcomes,
  ) {
    this.answerProblem = answerProblem(logger);
  }

  catch(error: unknown, host: ArgumentsHost): Problem | undefined {
    if (host.getType<GqlContextType>() === 'graphql') {
      const graphql = GqlArgumentsHost.create(host);
      this.outcomes.failed(graphql.getInfo<GraphQLResolveInfo>(), error);
      return this.problemOf(error, graphql);
    }
    const http = host.switchToHttp();
    // What goes wrong before GraphQL: unreadable bodies, unknown paths.
    this.answerProblem(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
    return undefined;
  }

  /**
   * The problem that was thrown, as the caller may see it, where the field's union has it as a member. Elsewhere (a query
   * of a list, say) it stays an error, with the problem's code.
   */
  private problemOf(error: unknown, host: GqlArgumentsHost): Problem {
    if (!(error instanceof ProblemError)) throw error;
    const problem = error.problem.seenBy(readerOf(host.getContext<RequestScope>()));
    const type = getNamedType(host.getInfo<GraphQLResolveInfo>().returnType);
    const expected = isUnionType(type) && type.getTypes().some((member) => member.name === problem.constructor.name);
    if (!expected) throw new ProblemError(problem);
    return problem;
  }
}
