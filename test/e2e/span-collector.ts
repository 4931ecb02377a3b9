import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The part of an exporter's request that tests read. */
interface Export {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeSpans: { spans: { name: string; traceId: string }[] }[];
  }[];
}

/** An OTLP collector over HTTP that remembers what it is sent. */
export interface Collector {
  readonly url: string;
  /** The spans of one trace, as `service: span`. */
  spans(traceId: string): string[];
  close(): void;
}

export async function startCollector(): Promise<Collector> {
  const byTrace = new Map<string, string[]>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as Export;
      for (const { resource, scopeSpans } of resourceSpans) {
        const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue;
        for (const { name, traceId } of scopeSpans.flatMap(({ spans }) => spans)) {
          byTrace.set(traceId, [...(byTrace.get(traceId) ?? []), `${service}: ${name}`]);
        }
      }
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans: (traceId) => byTrace.get(traceId) ?? [],
    close: () => server.close(),
  };
}
