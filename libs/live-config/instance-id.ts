import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import type { Logger } from '@paddock/runtime';

const FILE = 'instance-id';
/** The characters allowed in receipts and job ids. */
const PATTERN = /^[A-Za-z0-9._-]{1,100}$/;

/** The sources of an instance's name. */
export interface InstanceName {
  /** The class of consumer, `odds`. */
  consumer: string;
  given: string | undefined;
  /** The folder that keeps a generated name. */
  directory: string;
}

/**
 * The name of this instance, stable over restarts: as given, else as kept in its state directory. Where the disk fails,
 * a new name for this run.
 */
export async function instanceId({ consumer, given, directory }: InstanceName, logger: Logger): Promise<string> {
  if (given !== undefined && PATTERN.test(given)) return given;
  if (given !== undefined)
    throw new Error(
      `${consumer.toUpperCase()}_INSTANCE must be 1 to 100 of A-Z a-z 0-9 . _ - and not ${JSON.stringify(given)}`,
    );
  const path = join(directory, FILE);
  try {
    const kept = (await readFile(path, 'utf8').catch(() => '')).trim();
    if (PATTERN.test(kept)) return kept;
    const made = `${consumer}-${uuidv7()}`;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(`${path}.tmp`, `${made}\n`, { mode: 0o600 });
    await rename(`${path}.tmp`, path);
    return made;
  } catch (error) {
    logger.error({ err: error, directory }, 'the instance id cannot be kept');
    return `${consumer}-${uuidv7()}`;
  }
}
