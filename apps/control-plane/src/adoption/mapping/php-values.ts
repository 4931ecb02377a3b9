import type { Json } from '@paddock/contracts';

/** Deeper values are refused: they do not occur in practice, and a parser must not run out of stack. */
const MAX_DEPTH = 32;

class NotPhp extends Error {}

/** What PHP's serialize() wrote; lengths count bytes. Objects are read as their members. `undefined` where it is something else. */
export function parsePhp(text: string): Json | undefined {
  if (!/^(?:[aO]:\d|s:\d|i:-?\d|d:|b:[01];|N;)/.test(text)) return undefined;
  try {
    const reader = new Reader(Buffer.from(text.trim(), 'utf8'));
    const value = reader.value(0);
    return reader.ended ? value : undefined;
  } catch (error) {
    if (error instanceof NotPhp) return undefined;
    throw error;
  }
}

class Reader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get ended(): boolean {
    return this.at === this.bytes.length;
  }

  value(depth: number): Json {
    if (depth > MAX_DEPTH) throw new NotPhp();
    const type = this.upTo(1);
    if (type === 'N') return this.expect(';', null);
    this.expect(':', null);
    switch (type) {
      case 'b':
        return this.until(';') === '1';
      case 'i':
      case 'd':
        return this.number(';');
      case 's':
        return this.expect(';', this.text());
      case 'a':
        return this.members(depth);
      case 'O':
        this.text();
        this.expect(':', null);
        return this.members(depth);
      default:
        throw new NotPhp();
    }
  }

  private members(depth: number): Json {
    const count = this.number(':');
    if (count > this.bytes.length) throw new NotPhp();
    this.expect('{', null);
    const entries: [string, Json][] = [];
    for (let index = 0; index < count; index += 1)
      entries.push([String(this.value(MAX_DEPTH)).replace(/^\0[^\0]*\0/, ''), this.value(depth + 1)]);
    this.expect('}', null);
    const isList = entries.every(([name], index) => name === String(index));
    return isList ? entries.map(([, value]) => value) : Object.fromEntries(entries);
  }

  private text(): string {
    const length = this.number(':');
    this.expect('"', null);
    return this.expect('"', this.upTo(length));
  }

  private number(end: string): number {
    const read = Number(this.until(end));
    if (!Number.isFinite(read)) throw new NotPhp();
    return read;
  }

  private until(end: string): string {
    const to = this.bytes.indexOf(end, this.at);
    if (to < 0 || to - this.at > 40) throw new NotPhp();
    const text = this.bytes.toString('utf8', this.at, to);
    this.at = to + 1;
    return text;
  }

  private upTo(length: number): string {
    if (!(length >= 0) || this.at + length > this.bytes.length) throw new NotPhp();
    this.at += length;
    return this.bytes.toString('utf8', this.at - length, this.at);
  }

  private expect<T>(mark: string, value: T): T {
    if (this.upTo(1) !== mark) throw new NotPhp();
    return value;
  }
}
