import { describe, expect, it } from 'vitest';
import { withRequestContext } from '@paddock/runtime';
import { openEnvelope, sealEnvelope } from './envelope.js';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('the envelope of a job', () => {
  it('carries the request that adds the job, unless another origin is named', () => {
    const sealed = withRequestContext({ requestId: 'request-1' }, () => sealEnvelope({ seq: 7 }));
    expect(sealed).toEqual({ v: 1, requestId: 'request-1', payload: { seq: 7 } });
    const stored = withRequestContext({ requestId: 'request-1' }, () =>
      sealEnvelope({ seq: 7 }, { requestId: 'request-2', traceparent: TRACE }),
    );
    expect(stored).toEqual({ v: 1, requestId: 'request-2', traceparent: TRACE, payload: { seq: 7 } });
    expect(sealEnvelope('bare')).toEqual({ v: 1, payload: 'bare' });
  });

  it('opens to what was put in, after its way through JSON', () => {
    const sealed = sealEnvelope({ seq: 7, v: 99 }, { requestId: 'request-1', traceparent: TRACE });
    expect(openEnvelope(JSON.parse(JSON.stringify(sealed)))).toEqual({
      requestId: 'request-1',
      traceparent: TRACE,
      payload: { seq: 7, v: 99 },
    });
  });

  it('is not needed: a bare payload of an earlier version is read with the origin among its members', () => {
    const delivery = { environment: 'production', version: 3, requestId: 'request-1', traceparent: TRACE };
    expect(openEnvelope(delivery)).toEqual({ requestId: 'request-1', traceparent: TRACE, payload: delivery });
    expect(openEnvelope({ environment: 'production', traceparent: null })).toEqual({
      payload: { environment: 'production', traceparent: null },
    });
    for (const payload of [null, 'text', 7, [1]]) expect(openEnvelope(payload)).toEqual({ payload });
  });

  it.each([[0], [2], ['1'], [null]])('of version %j is refused by name', (v) => {
    expect(() => openEnvelope({ v, payload: {} })).toThrow('v must be 1');
  });

  it.each([[7], [''], ['x'.repeat(201)], [{}]])(
    'loses an origin that cannot be used, and nothing else: %j',
    (requestId) => {
      expect(openEnvelope({ v: 1, requestId, traceparent: requestId, payload: 'work' })).toEqual({ payload: 'work' });
    },
  );
});
