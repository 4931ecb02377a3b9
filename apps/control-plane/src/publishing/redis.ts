import { setTimeout as delay } from 'node:timers/promises';
import { Global, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { failFastConnection, TaskProducer } from '@paddock/tasks';
import { LOGGER, type Logger } from '../process.js';
import { type ControlPlaneSettings, SETTINGS } from '../settings.js';
import { FailureLog } from './failure-log.js';

/** Injection token of the connection for artefacts and hints; its commands fail at once while Redis is unreachable. */
export const ARTEFACT_REDIS = Symbol('artefact redis');
/** Injection token of the prefix of every key in Redis. */
export const REDIS_PREFIX = Symbol('redis prefix');

const QUEUE_REDIS = Symbol('queue redis');

/** A process does not wait longer than this for Redis before it starts without it. */
const PATIENCE_MS = 1_000;

function connect(settings: ControlPlaneSettings, logger: Logger, what: string): Redis {
  const failures = new FailureLog(logger, what);
  const connection = failFastConnection(settings.redis.url, (error) => failures.failed(error));
  return connection.on('ready', () => failures.recovered());
}

@Global()
@Module({
  providers: [
    {
      provide: REDIS_PREFIX,
      inject: [SETTINGS],
      useFactory: (settings: ControlPlaneSettings) => settings.redis.prefix,
    },
    {
      provide: ARTEFACT_REDIS,
      inject: [SETTINGS, LOGGER],
      useFactory: (settings: ControlPlaneSettings, logger: Logger) => connect(settings, logger, 'redis'),
    },
    {
      provide: QUEUE_REDIS,
      inject: [SETTINGS, LOGGER],
      useFactory: (settings: ControlPlaneSettings, logger: Logger) => connect(settings, logger, 'redis of the queues'),
    },
    {
      provide: TaskProducer,
      inject: [QUEUE_REDIS, REDIS_PREFIX, LOGGER],
      useFactory: (connection: Redis, prefix: string, logger: Logger) => {
        const failures = new FailureLog(logger, 'queues');
        return new TaskProducer(connection, prefix, (error) => failures.failed(error));
      },
    },
  ],
  exports: [REDIS_PREFIX, ARTEFACT_REDIS, TaskProducer],
})
export class RedisModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(ARTEFACT_REDIS) private readonly redis: Redis,
    @Inject(QUEUE_REDIS) private readonly queues: Redis,
    private readonly producer: TaskProducer,
  ) {}

  /** The first command finds Redis connected, if Redis is reachable. */
  async onModuleInit(): Promise<void> {
    const connecting = [this.redis, this.queues].filter(({ status }) => status !== 'ready');
    const connected = Promise.all(connecting.map((redis) => new Promise((ready) => redis.once('ready', ready))));
    await Promise.race([connected, delay(PATIENCE_MS, undefined, { ref: false })]);
  }

  /** After everything that uses them has stopped. */
  async onApplicationShutdown(): Promise<void> {
    await this.producer.close();
    this.redis.disconnect();
  }
}
