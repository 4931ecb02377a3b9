import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import { type GqlContextType, GqlArgumentsHost } from '@nestjs/graphql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { getNamedType, type GraphQLResolveInfo, isUnionType } from 'graphql';
import { answerProblem, Problem as HttpProblem, sendProblem } from '#http-server';
import { readerOf } from '../access/reading.js';
import { LOGGER, type Logger } from '../process.js';
import { isAway, RETRY_AFTER_SECONDS } from './errors.js';
import { MutationOutcomes } from './mutation-outcomes.js';
import { type Problem, ProblemError } from './problems.js';
import type { RequestScope } from './request-scope.js';

/** Whatever is thrown anywhere ends here and becomes an answer. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly answerProblem: ReturnType<typeof answerProblem>;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
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
    this.answer(error, http.getRequest(), http.getResponse());
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

  /** What goes wrong before GraphQL: unreadable bodies, unknown paths. */
  private answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    if (!isAway(error)) return this.answerProblem(error, request, reply);
    this.logger.error({ err: error, requestId: request.id }, 'a server behind us is away');
    const headers = { 'retry-after': RETRY_AFTER_SECONDS };
    const detail = 'a part of the system is unavailable at the moment; try again';
    sendProblem(new HttpProblem(503, 'UNAVAILABLE', detail, { headers }), request, reply);
  }
}
