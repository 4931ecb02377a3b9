import { Inject, Injectable } from '@nestjs/common';
import { type MetricPreview, parsePreview, type PreviewGrain } from '@paddock/metrics';
import { LOGGER, type Logger } from '../../../process.js';
import { type ControlPlaneSettings, SETTINGS } from '../../../settings.js';
import { isObject } from '../../rules/check.js';
import type { PlannedMetric } from './planned-metrics.js';

/** A plan must not wait longer than that. */
const TIMEOUT_MS = 5_000;

/** A preview, or the reason why it is missing. */
export type PreviewAnswer = { preview: MetricPreview } | { unavailable: string };

/** Requests the results of a metric from analytics. A failed request does not block a plan. */
@Injectable()
export class AnalyticsClient {
  constructor(
    @Inject(SETTINGS) private readonly settings: ControlPlaneSettings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async preview(
    { metric, definitions }: Pick<PlannedMetric, 'metric' | 'definitions'>,
    grain: PreviewGrain,
  ): Promise<PreviewAnswer> {
    const { url, token } = this.settings.analytics;
    if (!url || token === undefined)
      return { unavailable: 'no analytics service is configured (ANALYTICS_URL, ANALYTICS_TOKEN)' };
    try {
      const response = await fetch(new URL('internal/preview', url), {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ metric, definitions, grain }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: 'error',
      });
      return response.ok
        ? answerOf(await response.json())
        : { unavailable: `analytics answered with status ${response.status}` };
    } catch (error) {
      this.logger.warn({ err: error }, 'analytics gave no preview');
      return {
        unavailable:
          error instanceof Error && error.name === 'TimeoutError'
            ? `analytics did not answer within ${TIMEOUT_MS / 1_000} s`
            : 'analytics cannot be reached',
      };
    }
  }
}

function answerOf(answer: unknown): PreviewAnswer {
  const { preview, unavailable } = isObject(answer) ? answer : {};
  if (typeof unavailable === 'string') return { unavailable };
  const parsed = parsePreview(preview);
  return parsed ? { preview: parsed } : { unavailable: 'analytics answered what this version does not understand' };
}
