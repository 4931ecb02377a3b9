import { basename } from 'node:path';

/** Set for a process that loads packages and waits for a line on its standard input before it loads the app. */
export const STANDBY = 'PADDOCK_STANDBY';
/** Port at which a debugger may attach, opened when the app is loaded: before that the process that it replaces has it. */
export const INSPECT = 'PADDOCK_INSPECT';

/**
 * The entry point of a process in development.
 * @param {readonly string[]} packages those that the app imports
 * @param {string} bundle of the app, beside the entry point
 */
export const launcher = (packages, bundle) => `
const { ${STANDBY}: standby, ${INSPECT}: port } = process.env;
delete process.env.${STANDBY};
delete process.env.${INSPECT};
if (standby) {
  const line = new Promise((resolve) => process.stdin.once('data', () => resolve(true)).once('end', () => resolve(false)));
  // The app imports the same modules and reports those that cannot be loaded.
  await Promise.allSettled(${JSON.stringify(packages)}.map((name) => import(name)));
  // The end of input is the end of the process that would have sent the line.
  if (!(await line)) process.exit(0);
  process.stdin.destroy();
}
if (port) (await import('node:inspector')).open(Number(port), '127.0.0.1');
await import('./${basename(bundle)}');
`;
