import { get, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';

/** A page as an edge sent it. */
export interface Page {
  status: number;
  etag: string | undefined;
  seq: number;
  encoding: string | undefined;
  /** As they came, compressed or not. */
  bytes: Buffer;
  /** Of the promos on it, where it is not compressed. */
  titles: string[];
  validUntil: string | null | undefined;
}

/** Reads a page on a connection of its own, so that no connection outlives a kill, and without undoing the encoding. */
export function readPage(url: string, headers: OutgoingHttpHeaders = {}): Promise<Page> {
  return new Promise((resolve, reject) => {
    const request = get(
      url,
      { agent: false, timeout: 15_000, headers },
      (response) => void collect(response).then(resolve, reject),
    );
    request.on('timeout', () => request.destroy(new Error('silent for 15 s')));
    request.on('error', reject);
  });
}

async function collect(response: IncomingMessage): Promise<Page> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const { etag, 'paddock-seq': seq, 'content-encoding': encoding } = response.headers;
  const readable = response.statusCode === 200 && encoding === undefined;
  return {
    status: response.statusCode ?? 0,
    etag,
    seq: Number(seq),
    encoding,
    bytes,
    ...(readable ? contentOf(bytes) : { titles: [], validUntil: undefined }),
  };
}

function contentOf(bytes: Buffer): Pick<Page, 'titles' | 'validUntil'> {
  const { slots, validUntil } = JSON.parse(bytes.toString()) as {
    validUntil: string | null;
    slots: { items: { title?: string }[] }[];
  };
  return { titles: slots.flatMap(({ items }) => items.flatMap(({ title }) => title ?? [])), validUntil };
}
