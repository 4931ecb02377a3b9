/** Why a server ends a stream. */
export type ByeCode =
  /** It read too slowly. */
  | 'SLOW'
  /** This edge stops: come back, to whoever answers then. */
  | 'DRAIN'
  /** The client key does not open this view any more. */
  | 'KEY';

/** How a frame's JSON looks on some transport. Those of one format share the bytes. */
export interface FrameFormat {
  readonly name: string;
  /** `clk` where the frame is the last one of what it says, so that a reader may keep it. */
  encode(json: string, clk: string | undefined): Buffer;
}

/** Where frames go. Several subscriptions of one connection have the same. */
export interface Sink {
  readonly format: FrameFormat;
  /** Bytes that the reader has not taken yet. */
  readonly buffered: number;
  write(frame: Buffer): void;
  /** Says goodbye, with a time within which to come back, and ends. */
  end(code: ByeCode): void;
}

/** Readers that all come back at once would be a stampede: each waits for a time of its own within these. */
export const RETRY_MS = [0, 5_000] as const;

export function byeFrame(code: ByeCode): string {
  return JSON.stringify({ op: 'bye', code, retryMs: RETRY_MS });
}
