import { join } from 'node:path';
import { type Environment, OwnedProcess } from './owned-process.js';

/** Paddock's processes: the compiled entry point and the variable of its port. */
const APPS = {
  controlPlane: { title: 'control plane', entry: 'apps/control-plane/src/main.js', portVariable: 'CONTROL_PLANE_PORT' },
  worker: { title: 'worker', entry: 'apps/control-plane/src/worker.js', portVariable: 'WORKER_PORT' },
  edge: { title: 'edge', entry: 'apps/edge/src/main.js', portVariable: 'EDGE_PORT' },
  analytics: { title: 'analytics', entry: 'apps/analytics/src/main.js', portVariable: 'ANALYTICS_PORT' },
  odds: { title: 'odds', entry: 'apps/odds/src/main.js', portVariable: 'ODDS_PORT' },
} as const;

export type AppName = keyof typeof APPS;

/** The apps that `npm start` runs, in the order in which they start. */
export const APP_NAMES = ['controlPlane', 'worker', 'edge', 'analytics', 'odds'] as const satisfies readonly AppName[];
export type StartedApp = (typeof APP_NAMES)[number];

/** Where the entry point of an app is in a compiled tree. */
export const entryOf = (app: AppName): string => APPS[app].entry;

export interface AppOptions {
  readonly app: AppName;
  readonly port: number;
  /** The address of its operations port. */
  readonly operationsPort: number;
  /** The compiled tree. */
  readonly dist: string;
  /** Settings; the port is added. */
  readonly env: Environment;
  readonly log: string;
  /** The Node that runs it; the caller's own when left out. */
  readonly node?: string;
  readonly readyTimeoutMs?: number;
}

/** One app as a process of its own; it counts as started when its `/readyz` says so. */
export class AppProcess extends OwnedProcess {
  /** Where it answers. */
  readonly url: string;
  /** Where `/metrics` and the details of `/readyz` are. */
  readonly operationsUrl: string;

  constructor({
    app,
    port,
    operationsPort,
    dist,
    env,
    log,
    node = process.execPath,
    readyTimeoutMs = 30_000,
  }: AppOptions) {
    const { title, entry, portVariable } = APPS[app];
    const url = `http://127.0.0.1:${port}`;
    super({
      name: title,
      command: node,
      args: ['--enable-source-maps', join(dist, entry)],
      // Code that one start has compiled is loaded from the cache by the next one.
      env: {
        NODE_COMPILE_CACHE: join(dist, '.compile-cache'),
        ...env,
        [portVariable]: String(port),
        OPERATIONS_PORT: String(operationsPort),
      },
      log,
      ready: () => answersReady(url),
      readyTimeoutMs,
    });
    this.url = url;
    this.operationsUrl = `http://127.0.0.1:${operationsPort}`;
  }
}

async function answersReady(url: string): Promise<boolean> {
  const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
  await response.body?.cancel();
  return response.ok;
}
