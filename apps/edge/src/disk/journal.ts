import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { crashPoint, syncDirectory } from '@paddock/runtime';
import { journalName } from './files.js';

/** A file that steps are appended to. Writing reaches the system, so it survives the process; syncing survives the machine. */
export class Journal {
  private writing = Promise.resolve();
  private syncing: Promise<void> | undefined;
  private syncAgain: Promise<void> | undefined;

  private constructor(
    private readonly file: FileHandle,
    readonly generation: number,
    public size: number,
  ) {}

  static async create(directory: string, generation: number): Promise<Journal> {
    const file = await open(join(directory, journalName(generation)), 'wx', 0o600);
    await syncDirectory(directory);
    return new Journal(file, generation, 0);
  }

  /** Continues a journal after its last good record; a torn record behind it is cut off. */
  static async resume(directory: string, generation: number, goodBytes: number): Promise<Journal> {
    const file = await open(join(directory, journalName(generation)), 'r+');
    await file.truncate(goodBytes);
    return new Journal(file, generation, goodBytes);
  }

  /** Records are written one after the other, also where callers do not wait. */
  append(record: Buffer): Promise<void> {
    this.writing = this.writing.then(() => this.writeRecord(record));
    return this.writing;
  }

  private async writeRecord(record: Buffer): Promise<void> {
    const half = record.length >>> 1;
    await this.write(record.subarray(0, half));
    crashPoint('edge:mid-journal-write');
    await this.write(record.subarray(half));
  }

  /** Resolves when everything appended so far is durable; callers that come during a sync share the next one. */
  sync(): Promise<void> {
    if (!this.syncing) {
      this.syncing = this.file.datasync().finally(() => (this.syncing = undefined));
      return this.syncing;
    }
    this.syncAgain ??= this.syncing
      .catch(() => undefined)
      .then(() => {
        this.syncAgain = undefined;
        return this.sync();
      });
    return this.syncAgain;
  }

  async close(): Promise<void> {
    await this.writing.catch(() => undefined);
    await this.syncing?.catch(() => undefined);
    await this.file.close();
  }

  private async write(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.file.write(bytes, done, bytes.length - done, this.size);
      done += bytesWritten;
      this.size += bytesWritten;
    }
  }
}
