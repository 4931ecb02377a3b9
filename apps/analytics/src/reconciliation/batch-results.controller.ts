import { Controller, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Requires } from '../access/scope.guard.js';
import { Parameters } from '../csv/parameters.js';
import { BatchImports } from './batch-imports.js';

const PARAMETERS = ['source', 'grain', 'timeZone', 'takenAt', 'key'];

/** Results of batches as files. */
@Controller('v1/metrics')
@Requires('operate')
export class BatchResultsController {
  constructor(@Inject(BatchImports) private readonly imports: BatchImports) {}

  /** `text/csv` with the columns start (or date) and value; answers with how many windows are equal and which are not. */
  @Post(':metric/batch-results')
  @HttpCode(200)
  async upload(
    @Param('metric') metric: string,
    @Query() query: Readonly<Record<string, unknown>>,
    @Req() { body }: FastifyRequest,
  ): Promise<{ windows: number; different: object[] }> {
    const parameters = new Parameters(query, PARAMETERS);
    const csv =
      typeof body === 'string' && body.trim() !== ''
        ? body
        : parameters.problem('body', 'REQUIRED', 'must be CSV, sent as text/csv');
    const asked = {
      metric,
      csv,
      source: parameters.required('source'),
      grain: parameters.text('grain') ?? 'day',
      timeZone: parameters.text('timeZone'),
      takenAt: parameters.required('takenAt'),
    };
    const compared = await this.imports.importBatch(asked, parameters.problems);
    const different = compared
      .filter(({ cause }) => cause !== 'NONE')
      .map(({ start, expected, served, delta, cause }) => ({
        start: new Date(start).toISOString(),
        expected,
        served,
        delta,
        cause,
      }));
    return { windows: compared.length, different };
  }
}
