import { ShapeError } from '@paddock/contracts';
import { requestContext, traceparentOf } from '@paddock/runtime';
import { InvalidPayload } from './payload.js';

/** The version of envelopes that this code writes. */
const VERSION = 1;
/** No id and no trace context that this product writes is longer. */
const MAX_LENGTH = 200;

/** The origin of a job. */
export interface Origin {
  /** The request id of the API call that led to it; it stands in every log line of the run. */
  readonly requestId?: string;
  /** W3C Trace Context: the run continues this trace. */
  readonly traceparent?: string;
}

/** The data of a job in BullMQ. */
export interface Envelope extends Origin {
  readonly v: typeof VERSION;
  readonly payload: unknown;
}

/** Puts a payload into an envelope. @param origin where it is not the request and the span that are running now */
export function sealEnvelope(payload: unknown, origin: Origin = presentOrigin()): Envelope {
  const { requestId, traceparent } = origin;
  return { v: VERSION, ...(requestId ? { requestId } : {}), ...(traceparent ? { traceparent } : {}), payload };
}

function presentOrigin(): Origin {
  const requestId = requestContext()?.requestId;
  const traceparent = traceparentOf();
  return { ...(requestId ? { requestId } : {}), ...(traceparent ? { traceparent } : {}) };
}

/**
 * Opens what a queue holds. Jobs that were added before there were envelopes are bare payloads, with `requestId` and
 * `traceparent` among their members. An origin that cannot be used is left out: the work counts, not where it comes from.
 * @throws InvalidPayload for an envelope of another version
 */
export function openEnvelope(data: unknown): Omit<Envelope, 'v'> {
  if (!hasMembers(data)) return { payload: data };
  if (!('v' in data)) return { ...originIn(data), payload: data };
  if (data['v'] !== VERSION) {
    const expected = `${VERSION}: this version reads no other envelope`;
    throw new InvalidPayload([new ShapeError('v', expected)]);
  }
  return { ...originIn(data), payload: data['payload'] };
}

function originIn({ requestId, traceparent }: Readonly<Record<string, unknown>>): Origin {
  return {
    ...(isShort(requestId) ? { requestId } : {}),
    ...(isShort(traceparent) ? { traceparent } : {}),
  };
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_LENGTH;
}

function hasMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
