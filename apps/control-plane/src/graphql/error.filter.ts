import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import { type GqlContextType, GqlArgumentsHost } from '@nestjs/graphql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { getNamedType, type GraphQLResolveInfo, isUnionType } from 'graphql';
import type { UnreadableJson } from '#runtime';
import { readerOf } from '../access/reading.js';
import { LOGGER, type Logger } from '../process.js';
import { isAway, RETRY_AFTER_SECONDS } from './errors.js';
import { MutationOutcomes } from './mutation-outcomes.js';
import { type Problem, ProblemError } from './problems.js';
import type { RequestScope } from './request-scope.js';

/** Whatever is thrown anywhere ends here and becomes an answer. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly outcomes: MutationOutcomes,
  ) {}

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

  /** What goes wrong before GraphQL: unreadable bodies, unknown paths. Answered in GraphQL's shape, so that clients need one. */
  private answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { status, code, message, ...rest } = httpErrorOf(error, request);
    if (status === 503) void reply.header('retry-after', RETRY_AFTER_SECONDS);
    if (status >= 500)
      this.logger.error(
        { err: error, requestId: request.id },
        status === 503 ? 'a server behind us is away' : 'unexpected error',
      );
    void reply.code(status).send({ errors: [{ message, extensions: { code, ...rest, requestId: request.id } }] });
  }
}

/** A body that is not JSON, or more of it than is read. */
export class BadJson extends HttpException {
  constructor(readonly why: UnreadableJson) {
    super(why.message, 400);
  }
}

interface HttpError {
  status: number;
  code: string;
  message: string;
  position?: number;
  limit?: number;
  actual?: number;
}

const CODES: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  408: 'TIMEOUT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  431: 'HEADERS_TOO_LARGE',
  503: 'UNAVAILABLE',
};

function httpErrorOf(error: unknown, request: FastifyRequest): HttpError {
  if (error instanceof BadJson) {
    const { code, message, position, excess } = error.why;
    return { status: 400, code, message, ...(position === undefined ? {} : { position }), ...excess };
  }
  if (isAway(error))
    return { status: 503, code: 'UNAVAILABLE', message: 'a part of the system is away for the moment; try again' };
  const status = statusOf(error);
  const code = CODES[status];
  if (!code)
    return {
      status: 500,
      code: 'INTERNAL',
      message: 'something went wrong on our side; the request id finds it in our logs',
    };
  if (status === 404)
    return { status, code, message: `there is nothing at ${request.method} ${request.url.slice(0, 200)}` };
  return { status, code, message: error instanceof Error ? error.message : code };
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : 500;
}
