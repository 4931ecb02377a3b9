import { execFile } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '@paddock/testing';

const run = promisify(execFile);
const BALLAST = 'ballast';
const CHUNK_BYTES = 64 << 10;

/** A file system in memory of a given size, which a test may fill. Mounting it needs root. */
export class SmallDisk {
  private constructor(
    readonly path: string,
    private readonly removeMountPoint: () => Promise<void>,
  ) {}

  /** @throws Error where this user may not mount */
  static async mount(megabytes: number): Promise<SmallDisk> {
    const { path, remove } = await temporaryDirectory();
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', path]);
    } catch (error) {
      await remove();
      throw new Error('a small disk needs the right to mount a tmpfs: run this as root', { cause: error });
    }
    return new SmallDisk(path, remove);
  }

  /** Takes all space but about so many KiB. */
  async fill({ leaveKilobytes = 0 } = {}): Promise<void> {
    const file = await open(join(this.path, BALLAST), 'a');
    try {
      await writeUntilFull((chunk) => file.write(chunk));
      const { size } = await file.stat();
      await file.truncate(Math.max(0, size - leaveKilobytes * 1_024));
    } finally {
      await file.close();
    }
  }

  async free(): Promise<void> {
    await rm(join(this.path, BALLAST), { force: true });
  }

  async remove(): Promise<void> {
    await run('umount', ['--lazy', this.path]);
    await this.removeMountPoint();
  }
}

function isFull(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOSPC';
}

async function writeUntilFull(write: (chunk: Buffer) => Promise<{ bytesWritten: number }>): Promise<void> {
  for (let chunk = Buffer.alloc(CHUNK_BYTES, 1); chunk.length > 0;) {
    try {
      await write(chunk);
    } catch (error) {
      if (!isFull(error)) throw error;
      chunk = chunk.subarray(0, Math.floor(chunk.length / 2));
    }
  }
}
