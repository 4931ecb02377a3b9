import type { ByeCode, FrameFormat, Sink } from './sink.js';

/** A frame of the protocol, read back: for transports that have a form of their own. */
export interface Frame {
  readonly op: 'mc' | 'hb';
  readonly ct?: 'IMG' | 'RESUB';
  readonly seg?: 'S' | 'M' | 'E';
  readonly recovered?: boolean;
  readonly reason?: string;
  readonly clk?: string;
  readonly pt: number;
  readonly con?: true;
  readonly m?: readonly FrameEntry[];
}

/** An entry of a frame. */
export interface FrameEntry {
  readonly id: string;
  readonly rm?: true;
  readonly [member: string]: unknown;
}

const TEXT_FORMAT: FrameFormat = { name: 'text', encode: (json) => Buffer.from(json) };

/** Hands frames to code instead of a connection. */
export class CollectingSink implements Sink {
  readonly format = TEXT_FORMAT;
  private readonly waiting: Buffer[] = [];
  private bytes = 0;
  private wake: (() => void) | undefined;
  private ended: ByeCode | undefined;

  get buffered(): number {
    return this.bytes;
  }

  /** Why it ended, if it did. */
  get bye(): ByeCode | undefined {
    return this.ended;
  }

  write(frame: Buffer): void {
    this.waiting.push(frame);
    this.bytes += frame.length;
    this.wake?.();
  }

  end(code: ByeCode): void {
    this.ended ??= code;
    this.wake?.();
  }

  /** The next frame; `undefined` once it has ended. */
  async next(): Promise<Frame | undefined> {
    while (this.waiting.length === 0) {
      if (this.ended !== undefined) return undefined;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    const bytes = this.waiting.shift();
    if (!bytes) return undefined;
    this.bytes -= bytes.length;
    const frame: Frame = JSON.parse(bytes.toString('utf8'));
    return frame;
  }
}
