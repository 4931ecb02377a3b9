import type { Logger } from '@paddock/runtime';
import type { Analytics } from '../analytics.js';
import { SampleVisitors } from './sample-visitors.js';

/** Each step is a dozen statements of the engine, whatever the number of events. */
const STEP_MS = 2_000;
/** The events that the sample is made of; it waits until their contracts are live. */
export const SAMPLE_EVENTS = [
  'page_view',
  'promo_impression',
  'promo_click',
  'registration',
  'deposit',
  'bet_placed',
  'bet_settled',
] as const;

export interface SampleOptions {
  seed: number;
  perSecond: number;
}

/**
 * Sends sample events through the collector like any producer, so that a new installation shows live numbers. Events
 * that the log refuses are not sent again, because they are samples.
 */
export class SampleStream {
  private readonly visitors: SampleVisitors;
  private readonly timer: NodeJS.Timeout;
  private last = Date.now();

  constructor(
    private readonly analytics: Analytics,
    { seed, perSecond }: SampleOptions,
    private readonly logger: Logger,
  ) {
    this.visitors = new SampleVisitors(seed, `${seed.toString(36)}-${Date.now().toString(36)}`, perSecond);
    this.timer = setInterval(() => void this.step(), STEP_MS);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async step(): Promise<void> {
    const [now, before] = [Date.now(), this.last];
    this.last = now;
    if (!SAMPLE_EVENTS.every((event) => this.analytics.definitions.event(event))) return;
    // After the machine slept, the missed events are not sent.
    const events = this.visitors.step(now, Math.min(now - before, 4 * STEP_MS));
    if (events.length === 0) return;
    try {
      await this.analytics.collector.take(
        events.map((parsed) => ({ parsed, original: () => JSON.stringify(parsed) })),
        { producer: 'sample' },
      );
    } catch (error) {
      this.logger.debug({ err: error }, 'sample events were not taken');
    }
  }
}
