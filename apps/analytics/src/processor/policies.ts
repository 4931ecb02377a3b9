import { durationMs, type EventTimePolicy, parseDuration } from '@paddock/metrics';
import type { WatermarkPolicy } from './watermark.js';

/** A contract's rules for event time, in milliseconds. */
export interface TimePolicy extends WatermarkPolicy {
  maxFutureSkewMs: number;
  latenessMs: number;
}

/** The rules of a contract, with the defaults for those it leaves out. */
export function timePolicy({
  maxFutureSkew = '5m',
  outOfOrder = '30s',
  idleTimeout = '1m',
  allowedLateness = '72h',
}: EventTimePolicy = {}): TimePolicy {
  return {
    maxFutureSkewMs: ms(maxFutureSkew),
    outOfOrderMs: ms(outOfOrder),
    idleTimeoutMs: ms(idleTimeout),
    latenessMs: ms(allowedLateness),
  };
}

function ms(text: string): number {
  const duration = parseDuration(text);
  if (!duration) throw new RangeError(`${text} is no duration`);
  return durationMs(duration);
}
