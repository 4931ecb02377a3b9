import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Writes a file that is either there as a whole or not at all, also after a power cut: under another name first, synced,
 * then renamed, then the directory synced.
 */
export async function writeWhole(
  directory: string,
  name: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const temporary = join(directory, `${name}.tmp`);
  const file = await open(temporary, 'w', 0o600);
  try {
    await write(file);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(directory, name));
  await syncDirectory(directory);
}

/** Makes names in a directory as durable as the files' contents. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
