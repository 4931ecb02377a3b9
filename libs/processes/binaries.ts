import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian puts servers; an ordinary user's PATH leaves these out. */
const SERVER_DIRECTORIES = ['/usr/sbin', '/usr/local/sbin', '/sbin'];

/** The first executable of one of these names on PATH or among the system's servers. */
export function findBinary(names: readonly string[], path = process.env['PATH'] ?? ''): string | undefined {
  const directories = [...path.split(delimiter).filter(Boolean), ...SERVER_DIRECTORIES];
  return names.flatMap((name) => directories.map((directory) => join(directory, name))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
