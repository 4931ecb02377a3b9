import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A third party: it answers as the test sets, and records the requests with their times. */
export interface FakeUpstream {
  readonly url: string;
  readonly asked: { readonly url: string; readonly at: number; readonly headers: IncomingMessage['headers'] }[];
  /** Requests whose connection was closed before they were answered. */
  readonly cancelled: string[];
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  close(): Promise<void>;
}

export async function startFakeUpstream(port = 0): Promise<FakeUpstream> {
  const server = createServer((request, response) => {
    upstream.asked.push({ url: request.url ?? '', at: Date.now(), headers: request.headers });
    response.once('close', () => {
      if (!response.writableFinished) upstream.cancelled.push(request.url ?? '');
    });
    upstream.answer(request, response);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const upstream: FakeUpstream = {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    asked: [],
    cancelled: [],
    answer: (_request, response) => respond(response, { n: upstream.asked.length }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return upstream;
}

/** Answers with JSON. */
export function respond(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length, ...headers });
  response.end(bytes);
}
