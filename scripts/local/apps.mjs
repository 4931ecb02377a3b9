import { createHash } from 'node:crypto';
import { APP_NAMES, AppProcess, claimPort } from '#built/processes';
import { say } from '../setup/progress.mjs';
import { inProject } from '../setup/project.mjs';
import { environmentFor } from './environment.mjs';
import { auditCheckpoints, inLocal } from './files.mjs';
import { logOf } from './logs.mjs';
import { ownSecret } from './own-secret.mjs';

/** @typedef {Record<import('#built/processes').StartedApp, AppProcess>} Apps */
/** @typedef {(options: import('#built/processes').AppOptions) => AppProcess} MakeApp */

/**
 * The apps, each on the port it wants or, where that is taken, on a free one.
 * @param {{ settings: import('./settings.mjs').StartSettings, servers: import('./servers.mjs').Servers, node: string, makeApp?: MakeApp | undefined }} parts
 */
export async function makeApps({ settings, servers, node, makeApp = (options) => new AppProcess(options) }) {
  const ports = await choosePorts(settings.ports, settings.host);
  const operationsPorts = await choosePorts(settings.operationsPorts, '127.0.0.1');
  const own = await ownSettings(ports);
  /** @type {Partial<Apps>} */
  const apps = {};
  for (const name of APP_NAMES) {
    apps[name] = makeApp({
      app: name,
      port: ports[name],
      operationsPort: operationsPorts[name],
      dist: inProject('dist'),
      env: environmentFor(name, servers, own),
      log: logOf(name),
      node,
      readyTimeoutMs: 60_000,
    });
    if (ports[name] !== settings.ports[name])
      say(`port ${settings.ports[name]} is taken; the ${apps[name]?.name} listens on ${ports[name]}`);
  }
  return /** @type {Apps} */ (apps);
}

/** @typedef {Record<import('#built/processes').StartedApp, number>} Ports */

/** All ports before any app starts, because some apps need the address of another one. */
async function choosePorts(/** @type {Ports} */ ports, /** @type {string} */ host) {
  /** @type {Partial<Ports>} */
  const chosen = {};
  for (const name of APP_NAMES) chosen[name] = await claimPort(ports[name], host);
  return /** @type {Ports} */ (chosen);
}

/** Default settings of the apps here: folders and secrets of this installation. */
async function ownSettings(/** @type {Ports} */ ports) {
  const own = {
    ADOPTION_KEY: await ownSecret('adoption-key'),
    AUDIT_SIGNING_KEY: await ownSecret('audit-signing-key'),
    AUDIT_CHECKPOINTS: auditCheckpoints,
    OPERATIONS_HOST: '127.0.0.1',
    OUTBOUND_ALLOWED_NETWORKS: '127.0.0.0/8,::1/128',
    EDGE_STATE_DIR: inLocal('edge'),
    EDGE_INSTANCE: 'edge-1',
    ANALYTICS_URL: `http://127.0.0.1:${ports.analytics}`,
    ANALYTICS_TOKEN: await ownSecret('analytics-token'),
    ANALYTICS_STORE_DIR: inLocal('analytics'),
    ANALYTICS_STATE_DIR: inLocal('analytics-state'),
    ANALYTICS_INSTANCE: 'analytics-1',
    ANALYTICS_SAMPLE_SEED: '1',
    ODDS_STATE_DIR: inLocal('odds'),
    ODDS_INSTANCE: 'odds-1',
  };
  // The sample world runs on this machine. A value from the environment is used even where it is empty.
  if (process.env['OUTBOUND_ALLOWED_NETWORKS'] !== undefined)
    own.OUTBOUND_ALLOWED_NETWORKS = process.env['OUTBOUND_ALLOWED_NETWORKS'];
  // Beside operators of the operator's own, so that the key on the start screen always works.
  const operators = [process.env['ANALYTICS_OPERATORS'], `npm-start=${sha256(await analyticsOperatorKey())}`];
  const kept = ['OPERATIONS_HOST', 'EDGE_STATE_DIR', 'ANALYTICS_STORE_DIR', 'ANALYTICS_STATE_DIR', 'ODDS_STATE_DIR'];
  return {
    ...Object.fromEntries(
      Object.entries(own).map(([name, value]) => [name, kept.includes(name) ? value : process.env[name] || value]),
    ),
    ANALYTICS_OPERATORS: operators.filter(Boolean).join(','),
  };
}

/** The operator key of analytics, which stores only its hash. */
export const analyticsOperatorKey = () => ownSecret('analytics-operator-key');

const sha256 = (/** @type {string} */ text) => createHash('sha256').update(text).digest('hex');
