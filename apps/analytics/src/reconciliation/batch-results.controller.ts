import { Controller, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Requires } from '../access/scope.guard.js';
import { Parameters } from '../csv/parameters.js';
import { CSV_DECIMALS, CSV_DELIMITERS } from './batch-csv.js';
import { BatchImports } from './batch-imports.js';

const PARAMETERS = ['source', 'grain', 'timeZone', 'takenAt', 'delimiter', 'decimal', 'key'];

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
      csvFormat: {
        delimiter: oneOf(parameters, 'delimiter', CSV_DELIMITERS),
        decimal: oneOf(parameters, 'decimal', CSV_DECIMALS),
      },
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

/** A word of a list, in upper or lower case. */
function oneOf<const Word extends string>(
  parameters: Parameters,
  name: string,
  words: Readonly<Record<Word, string>>,
): Word | undefined {
  const given = parameters.text(name);
  if (given === undefined) return undefined;
  const isWord = (word: string): word is Word => Object.hasOwn(words, word);
  const word = given.toUpperCase();
  if (isWord(word)) return word;
  return parameters.problem(name, 'NOT_ALLOWED', `must be one of ${Object.keys(words).join(', ').toLowerCase()}`);
}
