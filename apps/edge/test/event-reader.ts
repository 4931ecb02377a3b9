/** One block of an event stream, as it was sent. */
export interface StreamBlock {
  id?: string;
  event?: string;
  data?: string;
}

/** Reads a server-sent event stream as a browser would, and keeps what it read. */
export class EventReader {
  readonly blocks: StreamBlock[] = [];
  /** Resolves when the other side ends the stream. */
  readonly ended: Promise<void>;
  private readonly abort = new AbortController();

  private constructor(
    readonly response: Response,
    private readonly onBlock: (block: StreamBlock) => void,
  ) {
    this.ended = this.read(response).catch(() => undefined);
  }

  static async open(
    url: string,
    headers: Record<string, string> = {},
    onBlock: (block: StreamBlock) => void = () => undefined,
  ): Promise<EventReader> {
    const abort = new AbortController();
    const reader = new EventReader(await fetch(url, { headers, signal: abort.signal }), onBlock);
    reader.abort.signal.addEventListener('abort', () => abort.abort());
    return reader;
  }

  close(): void {
    this.abort.abort();
  }

  /** Seqs of the release events received, in order. */
  get releases(): number[] {
    return this.blocks.flatMap(({ event, id }) => (event === 'release' ? [Number(id)] : []));
  }

  private async read({ body }: Response): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    for await (const piece of body ?? []) {
      text += decoder.decode(piece, { stream: true });
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const block = parseBlock(part);
        this.blocks.push(block);
        this.onBlock(block);
      }
    }
  }
}

function parseBlock(text: string): StreamBlock {
  const block: StreamBlock = {};
  for (const line of text.split('\n')) {
    const [name, ...rest] = line.split(': ');
    if (name === 'id' || name === 'event' || name === 'data') block[name] = rest.join(': ');
  }
  return block;
}
