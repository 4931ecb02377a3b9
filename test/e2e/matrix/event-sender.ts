import { setTimeout as delay } from 'node:timers/promises';
import { until } from '@paddock/testing';
import type { AppProcess } from '@paddock/processes';

const BATCH = 10;
const EVERY_MS = 500;
const HOUR_MS = 3_600_000;
const SERIES =
  'query ($input: MetricSeriesInput!) { metricSeries(input: $input) { __typename ... on MetricSeries { series { points { value } } } ... on Problem { code message } } }';

/** Sends page views to analytics, each batch until it is acknowledged, as a producer with a buffer does. */
export class EventSender {
  /** Events that were acknowledged. */
  acknowledged = 0;
  /** Answers other than an acknowledgement, by status; 0 where there was none. */
  readonly refusals = new Map<number, number>();
  private stopping = false;
  private done: Promise<void> = Promise.resolve();

  constructor(private readonly analytics: AppProcess) {}

  start(): void {
    this.stopping = false;
    this.done = this.repeat();
  }

  /** Ends after the batch under way is acknowledged. */
  stop(): Promise<void> {
    this.stopping = true;
    return this.done;
  }

  /** Waits until the metric counts exactly what was acknowledged, over all of its time. */
  async expectCounted(): Promise<void> {
    await until(
      async () => {
        const counted = await this.counted();
        if (counted !== this.acknowledged)
          throw new Error(`${this.acknowledged} events were acknowledged, ${counted} are counted`);
        return true;
      },
      { timeoutMs: 60_000, everyMs: 500, what: 'every acknowledged event counted once' },
    );
  }

  private async repeat(): Promise<void> {
    while (!this.stopping) {
      const at = new Date().toISOString();
      const events = Array.from({ length: BATCH }, (_, index) => ({
        event: 'page_view',
        id: `${at}-${this.acknowledged + index}`,
        at,
        user: `u${index}`,
        page: 'twins',
      }));
      await until(() => this.send(events), { timeoutMs: 240_000, everyMs: 200, what: 'acknowledged events' });
      this.acknowledged += BATCH;
      await delay(EVERY_MS);
    }
  }

  private async send(events: readonly object[]): Promise<boolean> {
    const request = { method: 'POST', body: JSON.stringify(events), signal: AbortSignal.timeout(20_000) };
    const response = await fetch(`${this.analytics.url}/v1/events`, request).catch(() => undefined);
    const text = await response?.text().catch(() => undefined);
    if (response?.status === 202 && text !== undefined) return true;
    const status = response?.status ?? 0;
    this.refusals.set(status, (this.refusals.get(status) ?? 0) + 1);
    return false;
  }

  private async counted(): Promise<number> {
    const now = Date.now();
    const input = {
      metric: 'page-views',
      from: new Date(now - 6 * HOUR_MS).toISOString(),
      to: new Date(now + HOUR_MS).toISOString(),
      grain: 'HOUR',
    };
    const body = JSON.stringify({ query: SERIES, variables: { input } });
    const response = await fetch(`${this.analytics.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const { data } = (await response.json()) as {
      data: { metricSeries: { series?: { points: { value: number | null }[] }[]; message?: string } };
    };
    const { series, message } = data.metricSeries;
    if (!series) throw new Error(message);
    return series.flatMap(({ points }) => points).reduce((total, { value }) => total + (value ?? 0), 0);
  }
}
