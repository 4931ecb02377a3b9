import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PERIOD_COMPARISONS } from '@paddock/metrics';
import { parseBoundedJson, UnreadableJson } from '@paddock/runtime';
import { Requires } from '../access/scope.guard.js';
import type { AskedSeries } from '../queries/metric-series.js';
import { InvalidQuery } from '../queries/query-problems.js';
import { Queries } from '../queries/queries.js';
import { Parameters } from './parameters.js';
import { seriesCsv } from './to-csv.js';

const PARAMETERS = ['from', 'to', 'grain', 'timeZone', 'dimensions', 'filter', 'compareTo', 'limit', 'key'];

/** Metrics for spreadsheets: the parameters of `metricSeries`, the filter as its JSON, dimensions joined by commas. */
@Controller('v1/metrics')
@Requires('read')
export class MetricsCsvController {
  constructor(@Inject(Queries) private readonly queries: Queries) {}

  @Get(':name')
  async series(
    @Param('name') name: string,
    @Query() query: Readonly<Record<string, unknown>>,
    @Req() _request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const metric = name.endsWith('.csv') ? name.slice(0, -'.csv'.length) : undefined;
    if (metric === undefined)
      throw new InvalidQuery([{ path: 'name', code: 'UNKNOWN_FORMAT', message: 'must end with .csv' }]);
    const parameters = new Parameters(query, PARAMETERS);
    const asked = readAsked(metric, parameters);
    const answered = await this.queries.series(asked, parameters.problems);
    reply
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="${metric.replaceAll(/[^\w.-]/g, '_')}.csv"`)
      .header('cache-control', 'private, no-store');
    return seriesCsv(answered, asked.compareTo !== undefined && asked.compareTo !== null);
  }
}

function readAsked(metric: string, parameters: Parameters): AskedSeries {
  const [from, to, grain] = [parameters.required('from'), parameters.required('to'), parameters.required('grain')];
  const compareTo = parameters.text('compareTo');
  const comparison = PERIOD_COMPARISONS.find((one) => one === compareTo);
  if (compareTo !== undefined && !comparison)
    parameters.problem('compareTo', 'NOT_ALLOWED', `must be one of ${PERIOD_COMPARISONS.join(', ')}`);
  const [limit, filter] = [parameters.text('limit'), parameters.text('filter')];
  return {
    metric,
    from,
    to,
    grain,
    timeZone: parameters.text('timeZone'),
    dimensions: parameters.text('dimensions')?.split(','),
    filter: filter === undefined ? undefined : parsed(filter, parameters),
    compareTo: comparison,
    limit: limit === undefined ? undefined : Number(limit),
  };
}

function parsed(filter: string, parameters: Parameters): unknown {
  try {
    return parseBoundedJson(filter);
  } catch (error) {
    if (error instanceof UnreadableJson && error.excess)
      return parameters.problem('filter', 'TOO_DEEP', error.message.replace('the body', 'the filter'));
    return parameters.problem(
      'filter',
      'INVALID_JSON',
      'must be a filter as JSON: {"eq":{"field":"country","value":"GB"}}',
    );
  }
}
