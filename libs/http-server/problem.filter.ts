import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '@paddock/runtime';
import type { Problem } from './problem.js';
import { answerProblem } from './refusals.js';

/** Turns every error of a request into `application/problem+json`, without internal details. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly answer: ReturnType<typeof answerProblem>;

  /** @param translate makes problems of an app's own errors */
  constructor(
    logger: Logger,
    private readonly translate: (error: unknown) => Problem | undefined = () => undefined,
  ) {
    this.answer = answerProblem(logger);
  }

  catch(error: unknown, host: ArgumentsHost): void {
    // GraphQL presents its errors itself.
    if (host.getType<string>() === 'graphql') throw error;
    const http = host.switchToHttp();
    this.answer(this.translate(error) ?? error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}
