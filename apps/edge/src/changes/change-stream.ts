import type { ServerResponse } from 'node:http';
import type { Environment, EnvironmentListener } from '../state/environment.js';
import type { AppliedChange } from '../state/recent-changes.js';
import { headFrame, HEARTBEAT_FRAME, releaseFrame, resetFrame, type View } from './change-frames.js';

/** Often enough that no proxy takes the silence for death. */
const HEARTBEAT_MS = 15_000;
/** A reader that leaves so much unread is dropped: it resumes by `Last-Event-ID` when it reads again. */
const MAX_UNREAD_BYTES = 256 << 10;

interface Reader {
  response: ServerResponse;
  environment: Environment;
  view: View;
}

/** Tells connected readers of releases. A frame is written once and shared by all who see the same part of it. */
export class ChangeStream implements EnvironmentListener {
  private readonly readers = new Map<Environment, Set<Reader>>();
  private readonly heartbeat: NodeJS.Timeout;
  private count = 0;
  private closed = false;

  constructor(private readonly maxReaders: number) {
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS);
    this.heartbeat.unref();
  }

  get size(): number {
    return this.count;
  }

  get isFull(): boolean {
    return this.closed || this.count >= this.maxReaders;
  }

  /** Adds a reader whose head was sent, and sends what it missed after `lastSeq`. Without `lastSeq` it gets new releases only. */
  add(response: ServerResponse, environment: Environment, view: View, lastSeq: number | undefined): void {
    const reader = { response, environment, view };
    const readers = this.readers.get(environment) ?? new Set();
    this.readers.set(environment, readers.add(reader));
    this.count += 1;
    response.once('close', () => this.remove(reader));
    this.catchUp(reader, lastSeq);
  }

  applied(environment: Environment, changes: readonly AppliedChange[]): void {
    const readers = this.readers.get(environment);
    if (!readers || readers.size === 0) return;
    for (const change of changes) {
      const frames = new Map<string, Buffer>();
      for (const reader of readers) {
        const name = `${reader.view.site ?? '*'} ${reader.view.items}`;
        const frame = frames.get(name) ?? releaseFrame(change, reader.view);
        frames.set(name, frame);
        this.write(reader, frame);
      }
    }
  }

  replaced(environment: Environment): void {
    const position = environment.state?.position;
    if (!position) return;
    const frame = resetFrame(position.seq, position.stateHash);
    for (const reader of this.readers.get(environment) ?? []) this.write(reader, frame);
  }

  /** Ends all streams; readers reconnect. */
  close(): void {
    this.closed = true;
    clearInterval(this.heartbeat);
    for (const readers of this.readers.values()) for (const { response } of readers) response.end();
  }

  private catchUp(reader: Reader, lastSeq: number | undefined): void {
    const position = reader.environment.state?.position;
    if (!position) return;
    const { recent } = reader.environment;
    const missed =
      lastSeq === undefined ? [] : recent.isDistrusted(lastSeq) ? undefined : recent.after(lastSeq, position.seq);
    this.write(reader, headFrame(missed && lastSeq !== undefined ? lastSeq : position.seq, position.seq));
    if (!missed) this.write(reader, resetFrame(position.seq, position.stateHash));
    for (const change of missed ?? []) this.write(reader, releaseFrame(change, reader.view));
  }

  private write(reader: Reader, frame: Buffer): void {
    const { response } = reader;
    if (response.writableLength > MAX_UNREAD_BYTES) {
      response.destroy();
      this.remove(reader);
      return;
    }
    response.write(frame);
  }

  private remove(reader: Reader): void {
    if (this.readers.get(reader.environment)?.delete(reader)) this.count -= 1;
  }

  private beat(): void {
    for (const readers of this.readers.values()) for (const reader of readers) this.write(reader, HEARTBEAT_FRAME);
  }
}
