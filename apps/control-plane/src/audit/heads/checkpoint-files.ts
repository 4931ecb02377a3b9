import { createReadStream } from 'node:fs';
import { mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { syncDirectory } from '@paddock/runtime';
import { type SignedHead, statementOf } from './signed-head.js';

const NAME = /^audit-heads-\d{8}\.ndjson$/;
const HEADS_PER_FILE = 10_000;

/**
 * Signed heads in a directory outside the database: ten thousand to a file, one head a line, only ever appended to.
 * A person who can write to the database cannot change what stands here.
 */
export class CheckpointFiles {
  constructor(private readonly directory: string) {}

  /** Creates a missing directory. */
  async prepare(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
  }

  /** Adds heads and waits until they are on the disk. */
  async append(heads: readonly SignedHead[]): Promise<void> {
    const byFile = Map.groupBy(heads, fileOf);
    for (const [name, group] of byFile) {
      const file = await open(join(this.directory, name), 'a', 0o600);
      try {
        // A power cut may have left half a line, so the next head starts on a new line.
        await file.write(
          `${(await endsInLine(join(this.directory, name))) ? '' : '\n'}${group.map((head) => `${JSON.stringify(head)}\n`).join('')}`,
        );
        await file.sync();
      } finally {
        await file.close();
      }
    }
    await syncDirectory(this.directory);
  }

  /**
   * All heads in order. Half a line, left by a power cut, is skipped: its head is added again. A repeated head is
   * skipped too: two workers may write to one directory.
   */
  async *heads(): AsyncGenerator<SignedHead> {
    let last = 0;
    for (const name of await this.names()) {
      for await (const head of this.headsIn(name)) {
        const { sequence } = statementOf(head);
        if (sequence <= last) continue;
        last = sequence;
        yield head;
      }
    }
  }

  async last(): Promise<SignedHead | undefined> {
    for (const name of (await this.names()).reverse()) {
      let last: SignedHead | undefined;
      for await (const head of this.headsIn(name)) {
        if (!last || statementOf(head).sequence > statementOf(last).sequence) last = head;
      }
      if (last) return last;
    }
    return undefined;
  }

  private async names(): Promise<string[]> {
    const names = await readdir(this.directory);
    return names.filter((name) => NAME.test(name)).sort();
  }

  private async *headsIn(name: string): AsyncGenerator<SignedHead> {
    for await (const line of createInterface({ input: createReadStream(join(this.directory, name)) })) {
      const head = parseHead(line);
      if (head) yield head;
    }
  }
}

function fileOf(head: SignedHead): string {
  const number = Math.ceil(statementOf(head).sequence / HEADS_PER_FILE);
  return `audit-heads-${String(number).padStart(8, '0')}.ndjson`;
}

/** A signed head from a line of JSON; `undefined` where the line is not one. */
export function parseHead(line: string): SignedHead | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (
      typeof value !== 'object' ||
      value === null ||
      !('statement' in value && 'keyId' in value && 'signature' in value)
    )
      return undefined;
    const { statement, keyId, signature } = value;
    if (typeof statement !== 'string' || typeof keyId !== 'string' || typeof signature !== 'string') return undefined;
    const head = { statement, keyId, signature };
    statementOf(head);
    return head;
  } catch {
    return undefined;
  }
}

async function endsInLine(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size === 0) return true;
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer.toString() === '\n';
  } finally {
    await file.close();
  }
}
