import { findBinary, PrivateMariaDb, PrivateRedis } from '#built/processes';
import { run, works } from './command.mjs';
import { step } from './progress.mjs';

/**
 * The smallest packages with the programs; the full packages on systems that name them differently. The small ones
 * start no system service.
 */
const packages = {
  mariadb: { small: ['mariadb-server-core', 'mariadb-client-core'], whole: ['mariadb-server'] },
  redis: { small: ['redis-tools'], whole: ['redis-server'] },
  /** Gives one process a separate clock, for the fault matrix. */
  faketime: { small: ['faketime'], whole: ['faketime'] },
};

/** Programs that figures of the bench need, and nothing else: people install them, because Debian's nginx starts a service at once. */
const tools = {
  nginx: ['nginx-light'],
  taskset: ['util-linux'],
};

/** @typedef {keyof typeof packages} ServerName */
/** @typedef {keyof typeof tools} ToolName */

/** The command that installs them. */
export function installCommand(/** @type {(ServerName | ToolName)[]} */ missing) {
  const names = missing.flatMap((name) => (isTool(name) ? tools[name] : packages[name].small));
  return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names.join(' ')}`;
}

/**
 * Sees to it that these programs can be started on this machine, and looks for what is of use besides.
 * @template {ServerName} Name
 * @param {Name[]} wanted
 * @param {ToolName[]} useful
 * @returns {Promise<{ missing: Name[], reason?: string | undefined, absent: ToolName[] }>} what still cannot be started and why, and what would be of use and is not here
 */
export async function ensureInstalled(wanted, useful = []) {
  const absent = useful.filter((name) => !findBinary([name]));
  const missing = wanted.filter(isMissing);
  if (missing.length === 0) return { missing, absent };
  const reason = await installServers(missing);
  return { missing: missing.filter(isMissing), reason, absent };
}

/** @type {(name: string) => name is ToolName} */
const isTool = (name) => name in tools;

/** @type {Record<ServerName, () => boolean>} */
const installed = {
  mariadb: () => PrivateMariaDb.installed,
  redis: () => PrivateRedis.installed,
  faketime: () => findBinary(['faketime']) !== undefined,
};

const isMissing = (/** @type {ServerName} */ name) => !installed[name]();

/**
 * Installs the servers' Debian packages where this user may.
 * @param {ServerName[]} missing
 * @returns {Promise<string | undefined>} why not, when it did not
 */
async function installServers(missing) {
  if (!(await works('apt-get', '--version'))) return 'this system has no apt-get';
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (asRoot.length > 0 && !(await works('sudo', '-n', 'true')))
    return 'this user may not install packages without a password';
  try {
    await step(`installing ${list(missing, 'small').join(', ')} (apt-get)`, async () => {
      await aptGet(asRoot, ['update']);
      const install = ['install', '-y', '--no-install-recommends'];
      await aptGet(asRoot, [...install, ...list(missing, 'small')]).catch(() =>
        aptGet(asRoot, [...install, ...list(missing, 'whole')]),
      );
    });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function aptGet(/** @type {string[]} */ asRoot, /** @type {string[]} */ args) {
  const patience = ['-q', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=3'];
  const [command = 'env', ...rest] = [
    ...asRoot,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    ...patience,
    ...args,
  ];
  return run(command, rest);
}

const list = (/** @type {ServerName[]} */ missing, /** @type {'small' | 'whole'} */ size) =>
  missing.flatMap((name) => packages[name][size]);
