import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { continueTrace, inSpan, startTracing, traceparentOf } from './tracing.js';

interface ExportedSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  status: { code?: number; message?: string };
}

/** An OTLP collector that keeps what it is sent. */
async function collector() {
  const spans: ExportedSpan[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as {
        resourceSpans: { scopeSpans: { spans: ExportedSpan[] }[] }[];
      };
      spans.push(...resourceSpans.flatMap((resource) => resource.scopeSpans.flatMap((scope) => scope.spans)));
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { spans, url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

describe('tracing', () => {
  it('is silent without an endpoint', async () => {
    const stop = await startTracing('test', undefined);
    expect(await inSpan('work', {}, () => traceparentOf() ?? 'nothing traced')).toBe('nothing traced');
    await stop();
  });

  it('keeps one trace from a mutation through its message to the consumer, errors included', async () => {
    const { spans, url, close } = await collector();
    const stop = await startTracing('test', url);
    const sent = await inSpan('mutation', {}, () => traceparentOf());
    await expect(
      continueTrace(sent, 'delivery', { target: 'artefacts' }, () => Promise.reject(new Error('Redis is away'))),
    ).rejects.toThrow('Redis is away');
    await continueTrace('no-traceparent', 'unrelated', {}, () => undefined);
    await stop();
    close();

    const [mutation, delivery, unrelated] = ['mutation', 'delivery', 'unrelated'].map((name) =>
      spans.find((span) => span.name === name),
    );
    expect(sent).toBe(`00-${mutation?.traceId}-${mutation?.spanId}-01`);
    expect(delivery).toMatchObject({
      traceId: mutation?.traceId,
      parentSpanId: mutation?.spanId,
      status: { code: 2, message: 'Redis is away' },
    });
    expect(unrelated?.traceId).not.toBe(mutation?.traceId);
  });
});
