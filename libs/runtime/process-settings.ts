import type { EnvReader } from './env-reader.js';
import { LOG_LEVELS, type LogLevel } from './logger.js';

/** The settings of every app's process. */
export interface ProcessSettings {
  readonly logLevel: LogLevel;
  readonly host: string;
  readonly port: number;
  /** Name of a crash point at which the process kills itself; for hazard tests. */
  readonly crashAt: string | undefined;
  /** Where traces go, OTLP over HTTP; none are made when left out. */
  readonly otlpEndpoint: string | undefined;
}

/**
 * Reads the settings of every process.
 * @param portVariable the variable of the app's port
 * @param port its default
 */
export function readProcessSettings(env: EnvReader, portVariable: string, port: number): ProcessSettings {
  return {
    logLevel: env.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    host: env.text('HOST', '127.0.0.1'),
    port: env.port(portVariable, port),
    crashAt: env.optional('PADDOCK_CRASH'),
    otlpEndpoint: env.optional('OTEL_EXPORTER_OTLP_ENDPOINT'),
  };
}
