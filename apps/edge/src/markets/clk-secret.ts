import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, writeWhole } from '@paddock/runtime';

const FILE = 'clk-secret';
const PATTERN = /^[0-9a-f]{64}$/;

/**
 * What `clk` tokens are signed with: as given, the same on every edge behind one address, so that readers resume at any
 * of them. Without one, what this edge made for itself and keeps; where the disk fails, a new one for this run.
 */
export async function clkSecret(given: string | undefined, directory: string, logger: Logger): Promise<string> {
  if (given !== undefined) return given;
  const made = randomBytes(32).toString('hex');
  try {
    const kept = (await readFile(join(directory, FILE), 'utf8').catch(() => '')).trim();
    if (PATTERN.test(kept)) return kept;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeWhole(directory, FILE, (file) => file.writeFile(`${made}\n`));
  } catch (error) {
    logger.error({ err: error, directory }, 'the secret of clk tokens cannot be kept');
  }
  return made;
}
