import { collectGarbage } from './collect-garbage.js';
import { armCrashPoint } from './crash-points.js';
import { InvalidSettings } from './env-reader.js';
import { createLogger, type Logger } from './logger.js';
import { assertNodeVersion } from './node-version.js';
import type { ProcessSettings } from './process-settings.js';
import { closeOnSignal } from './shutdown.js';
import { startTracing } from './tracing.js';
import { isUnreachable, messageOf } from './unreachable.js';

/** An app that is built and listens nowhere yet; every Nest application is one. */
export interface RunnableApp {
  listen(port: number, host: string): Promise<unknown>;
  getUrl(): Promise<string>;
  close(): Promise<unknown>;
}

/** A class of errors. */
type ErrorClass = abstract new (...parameters: never[]) => Error;

/** How {@link runApp} treats an app. */
export interface RunOptions {
  /** Errors of a start that an operator can correct: their message is enough, so their stack is left out. */
  readonly expected?: readonly ErrorClass[];
}

/**
 * Runs an app as this process: settings, log, traces, start, and the end by a signal or a crash. The promise resolves when
 * the app listens.
 *
 * A start that fails writes its reason to standard error and exits with 1. SIGTERM and SIGINT close the app and exit with
 * 0; during the start they exit at once, because a start may be interrupted anywhere as by a crash. A crash is logged with
 * its reason before Node ends the process.
 * @param name of the app in its logs and traces
 * @param readSettings reads and checks the environment
 * @param create builds the app
 */
export async function runApp<Settings extends ProcessSettings>(
  name: string,
  readSettings: () => Settings,
  create: (settings: Settings, logger: Logger) => Promise<RunnableApp>,
  { expected = [] }: RunOptions = {},
): Promise<void> {
  assertNodeVersion();
  try {
    const settings = readSettings();
    armCrashPoint(settings.crashAt);
    const logger = createLogger(name, settings.logLevel);
    process.on('uncaughtExceptionMonitor', (error, origin) => logger.fatal({ err: error, origin }, 'crashed'));
    const stopTracing = await startTracing(name, settings.otlpEndpoint);
    const steps: (() => Promise<unknown>)[] = [stopTracing];
    closeOnSignal(logger, async () => {
      for (const step of steps) await step();
    });
    const app = await create(settings, logger);
    collectGarbage();
    steps.unshift(() => app.close());
    await app.listen(settings.port, settings.host);
    logger.info({ url: await app.getUrl() }, 'listening');
  } catch (error) {
    process.stderr.write(`${startFailure(error, expected)}\n`);
    process.exit(1);
  }
}

/** Why an app did not start: one line where its operator can correct it, else with the stack. */
export function startFailure(error: unknown, expected: readonly ErrorClass[]): string {
  if (!(error instanceof Error)) return String(error);
  if ([InvalidSettings, ...expected].some((type) => error instanceof type)) return error.message;
  if (isUnreachable(error)) return `a server that this process needs is unreachable: ${messageOf(error)}`;
  if ('code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES') && 'port' in error)
    return `port ${String(error.port)} cannot be listened on: ${error.message}`;
  return error.stack ?? error.message;
}
