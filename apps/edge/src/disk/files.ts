import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of one generation: a snapshot, and the journal of what came after it. */
export const snapshotName = (generation: number): string => `snapshot-${String(generation).padStart(10, '0')}`;
export const journalName = (generation: number): string => `journal-${String(generation).padStart(10, '0')}`;

/** The generations that have a file of this name, oldest first. */
export async function generations(directory: string, kind: 'snapshot' | 'journal'): Promise<number[]> {
  const found = (await readdir(directory)).flatMap((name) => {
    const [, type, digits] = /^(snapshot|journal)-(\d{10})$/.exec(name) ?? [];
    return type === kind && digits ? [Number(digits)] : [];
  });
  return found.sort((a, b) => a - b);
}

/** Removes what a killed process left half written. */
export async function removeUnfinished(directory: string): Promise<void> {
  for (const name of await readdir(directory))
    if (name.endsWith('.tmp')) await rm(join(directory, name), { force: true });
}

/** Removes the generations before `oldest`, which no recovery needs. */
export async function removeBefore(directory: string, oldest: number): Promise<void> {
  for (const name of await readdir(directory)) {
    const [, digits] = /^(?:snapshot|journal)-(\d{10})$/.exec(name) ?? [];
    if (digits && Number(digits) < oldest) await rm(join(directory, name), { force: true });
  }
}
