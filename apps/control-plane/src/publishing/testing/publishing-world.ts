import { Test, type TestingModule } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { artefactKeys, type Head, sha256Hex } from '@paddock/contracts';
import { createLogger, EnvReader } from '@paddock/runtime';
import { createDatabase, redisPrefix, testServers } from '@paddock/testing';
import { createDataSource } from '../../database/data-source.js';
import { DatabaseModule } from '../../database/database.module.js';
import { METRICS, type Registry } from '../../process.js';
import { ProcessModule } from '../../process.module.js';
import { readSettings } from '../../settings.js';
import { DeliveryModule } from '../delivery.module.js';
import { Outbox } from '../outbox.js';
import { QueueWorkers } from '../queue-workers.js';
import { LandedHistory } from './landed-history.js';

/** A control plane's publishing on real servers, in a database and under a Redis prefix of its own. */
export interface PublishingWorld {
  readonly module: TestingModule;
  readonly history: LandedHistory;
  readonly redis: Redis;
  readonly keys: ReturnType<typeof artefactKeys>;
  /** What a process of the control plane gets as its environment variables. */
  readonly env: Readonly<Record<string, string>>;
  /** A second instance, as another worker process would have it. */
  another(): Promise<TestingModule>;
  wake(): void;
  query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  head(): Promise<Partial<Head>>;
  /** The value of a gauge or counter without labels. */
  metric(name: string): Promise<number | undefined>;
  /** Does Redis hold exactly what the history says: head, live documents, their bodies, the newest change? */
  whole(): Promise<boolean>;
  close(): Promise<void>;
}

/** Builds the world; `workers` says whether BullMQ's workers run in it, `redisUrl` where a test has a Redis of its own. */
export async function publishingWorld({
  workers = false,
  redisUrl = testServers().redisUrl,
}: { workers?: boolean; redisUrl?: URL } = {}): Promise<PublishingWorld> {
  const database = await createDatabase();
  const { prefix, clear } = redisPrefix(redisUrl);
  const migrating = await createDataSource(database.url, { poolSize: 1 }).initialize();
  await migrating.runMigrations();
  await migrating.destroy();
  const env = {
    DATABASE_URL: database.url.href,
    REDIS_URL: redisUrl.href,
    REDIS_PREFIX: prefix,
    NODE_ENV: 'test',
    LOG_LEVEL: 'error',
  };
  const settings = readSettings(env, new EnvReader(env));
  const build = async () => {
    const module = await Test.createTestingModule({
      imports: [ProcessModule.of('test', settings, createLogger('test', 'silent')), DatabaseModule, DeliveryModule],
      providers: workers ? [QueueWorkers] : [],
    }).compile();
    return module.init();
  };
  const module = await build();
  const modules = [module];
  const source = module.get(DataSource, { strict: false });
  const outbox = module.get(Outbox, { strict: false });
  const history = await new LandedHistory(source, outbox).begin();
  const redis = new Redis(redisUrl.href);
  const keys = artefactKeys(prefix, history.environment);
  const head = async (): Promise<Partial<Head>> => {
    const { seq, settingsVersion, ...rest } = await redis.hgetall(keys.head);
    return { ...rest, seq: Number(seq), settingsVersion: Number(settingsVersion) };
  };
  return {
    module,
    history,
    redis,
    keys,
    env,
    async another() {
      const more = await build();
      modules.push(more);
      return more;
    },
    wake: () => outbox.wake(),
    query: (sql, parameters) => source.query(sql, parameters),
    head,
    async metric(name) {
      const metrics: Registry = module.get(METRICS, { strict: false });
      return (await metrics.getSingleMetric(name)?.get())?.values[0]?.value;
    },
    async whole() {
      const { seq, stateHash } = await head();
      if (seq !== history.seq || stateHash !== history.stateHash) return false;
      const live = await redis.hgetall(keys.live);
      const entries = Object.entries(live);
      if (entries.length !== history.live.size) return false;
      if (entries.some(([ref, sha256]) => history.live.get(ref) !== sha256)) return false;
      if (seq > 0 && (await redis.hexists(keys.changes, String(seq))) === 0) return false;
      const bodies = entries.length > 0 ? await redis.mget(entries.map(([, sha256]) => keys.blob(sha256))) : [];
      return entries.every(([, sha256], index) => sha256Hex(bodies[index] ?? '') === sha256);
    },
    async close() {
      for (const each of modules) await each.close();
      redis.disconnect();
      await clear().catch(() => undefined);
      await database.drop();
    },
  };
}
