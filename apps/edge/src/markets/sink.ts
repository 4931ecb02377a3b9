/** Why a server ends a stream. */
export type ByeCode =
  /** The client read too slowly. */
  | 'SLOW'
  /** This edge stops: reconnect. */
  | 'DRAIN'
  /** The client key does not open this view any more. */
  | 'KEY';

/** How a transport encodes a frame's JSON. Sinks of one format share the bytes. */
export interface FrameFormat {
  readonly name: string;
  /** `clk` where the frame completes a state, so that a reader may resume from it. */
  encode(json: string, clk: string | undefined): Buffer;
}

/** The destination of frames. All subscriptions of one connection share it. */
export interface Sink {
  readonly format: FrameFormat;
  /** Bytes that the reader has not read yet. */
  readonly buffered: number;
  write(frame: Buffer): void;
  /** Sends a `bye` frame with the reconnection interval, and ends. */
  end(code: ByeCode): void;
}

/** Readers that reconnected all at once would be a stampede: each waits for a random time within these bounds. */
export const RETRY_MS = [0, 5_000] as const;

export function byeFrame(code: ByeCode): string {
  return JSON.stringify({ op: 'bye', code, retryMs: RETRY_MS });
}
