/** One server-sent event. */
export interface ChangeEvent {
  id: string | undefined;
  event: string;
  data: unknown;
}

/** Reads an edge's change stream as a browser's EventSource does. */
export class ChangeReader {
  private unread = '';

  private constructor(
    private readonly frames: AsyncIterator<Uint8Array>,
    private readonly ending: AbortController,
  ) {}

  /** Resolves when the stream is open: what lands from then on arrives. */
  static async open(url: string, headers: Record<string, string> = {}): Promise<ChangeReader> {
    const ending = new AbortController();
    const { body, status } = await fetch(url, { headers, signal: ending.signal });
    if (!body || status !== 200) throw new Error(`the stream answered ${status}`);
    const reader = new ChangeReader(body[Symbol.asyncIterator](), ending);
    const { event } = await reader.next();
    if (event !== 'head') throw new Error(`the stream began with ${event}`);
    return reader;
  }

  /** The next event that has data. */
  async next(): Promise<ChangeEvent> {
    for (;;) {
      const end = this.unread.indexOf('\n\n');
      if (end >= 0) {
        const event = parse(this.unread.slice(0, end));
        this.unread = this.unread.slice(end + 2);
        if (event) return event;
      } else {
        const { value, done } = await this.frames.next();
        if (done) throw new Error('the stream ended');
        this.unread += new TextDecoder().decode(value);
      }
    }
  }

  close(): void {
    this.ending.abort();
  }
}

function parse(frame: string): ChangeEvent | undefined {
  const fields = new Map(
    frame.split('\n').map((line): [string, string] => {
      const [name = '', ...rest] = line.split(': ');
      return [name, rest.join(': ')];
    }),
  );
  const data = fields.get('data');
  return data === undefined
    ? undefined
    : { id: fields.get('id'), event: fields.get('event') ?? 'message', data: JSON.parse(data) as unknown };
}
