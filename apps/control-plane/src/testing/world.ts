import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { ALL_SITES, EMPTY_STATE } from '@paddock/contracts';
import { operationsOf } from '@paddock/http-server';
import { applyUsers } from '@paddock/migrations';
import { accountOf, type DatabaseUser, databaseUserName, urlAs } from '@paddock/processes';
import { createLogger } from '@paddock/runtime';
import { createDatabase, redisPrefix, testServers, type ThrowawayDatabase } from '@paddock/testing';
import { TABLE_GRANTS } from '../../../../migrations/grants.js';
import { GrantRow, type Role, UserRow } from '../access/access.entity.js';
import { ALL } from '../access/ability.js';
import { Actors } from '../access/actors.js';
import type { Actor, Grant } from '../access/actor.js';
import { Sessions } from '../access/sign-in/sessions.js';
import { createControlPlane } from '../control-plane.js';
import { createDataSource } from '../database/data-source.js';
import { Database } from '../database/database.js';
import { EnvironmentRow } from '../releases/release.entity.js';
import { readSettings } from '../settings.js';
import { SiteRow } from '../sites/site.entity.js';
import { GraphqlClient } from './graphql-client.js';

/** A control plane with a database and a Redis prefix of its own, and whatever was seeded into it. */
export interface World {
  readonly app: NestFastifyApplication;
  /** As the administrator, who may do more than any process. */
  readonly db: Database;
  /** Where the process finds the database, as the user that it has there. */
  databaseUrlOf(user: 'controlPlane' | 'worker'): string;
  /** `http://127.0.0.1:…` */
  readonly url: string;
  /** Where operators read `/readyz` with its details, and `/metrics`. */
  readonly operationsUrl: string;
  /** Nobody's client. */
  readonly nobody: GraphqlClient;
  /** The log lines so far, as objects. */
  readonly log: readonly Record<string, unknown>[];
  /** A new user with one grant, signed in: everywhere unless narrowed. */
  signedIn(role: Role, where?: Partial<Omit<Grant, 'role'>>): Promise<SignedInClient>;
  /** Puts sites and environments there. */
  seed(): Seeding;
  close(): Promise<void>;
}

export interface SignedInClient extends GraphqlClient {
  readonly actor: Actor;
  readonly token: string;
}

/** Fluent: `await world.seed().site('acme-uk').environment('production');` */
export interface Seeding extends PromiseLike<void> {
  site(key: string, data?: Partial<SiteRow>): Seeding;
  environment(name: string, data?: Partial<EnvironmentRow>): Seeding;
}

/**
 * Starts the real application, with the variables of the environment that it would read, on the test servers (or on a
 * database server that misbehaves). One per test file is enough: tests keep apart by their own sites, users and keys.
 */
export async function testWorld(
  variables: Readonly<Record<string, string>> = {},
  databaseServer?: URL,
): Promise<World> {
  const database = await createDatabase(databaseServer);
  const users = await UsersOfWorld.make(database);
  const redis = redisPrefix();
  const log: Record<string, unknown>[] = [];
  const logger = createLogger('control-plane', 'info', { write: (line) => log.push(JSON.parse(line)) });
  const settings = readSettings({
    NODE_ENV: 'test',
    OPERATIONS_PORT: '0',
    DATABASE_URL: users.urlOf('controlPlane'),
    REDIS_URL: testServers().redisUrl.href,
    REDIS_PREFIX: redis.prefix,
    ...variables,
  });
  const app = await createControlPlane(settings, logger);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const db = users.administrator;
  return {
    app,
    db,
    databaseUrlOf: (user) => users.urlOf(user),
    url,
    operationsUrl: operationsOf(app.getHttpAdapter().getInstance()).url,
    log,
    nobody: new GraphqlClient(url),
    signedIn: (role, where = {}) =>
      signedIn(app, db, url, { kind: ALL, environment: ALL, site: ALL_SITES, ...where, role }),
    seed: () => new Seeder(db),
    async close() {
      await app.close();
      await users.drop();
      await Promise.all([database.drop(), redis.clear()]);
    },
  };
}

/** The users that processes have in a database of a test, so that every test runs with the rights of production. */
class UsersOfWorld {
  private constructor(
    private readonly database: ThrowawayDatabase,
    private readonly source: DataSource,
    private readonly prefix: string,
  ) {}

  /** Makes the tables, and users who may use them. */
  static async make(database: ThrowawayDatabase): Promise<UsersOfWorld> {
    const source = await createDataSource(database.url, { poolSize: 2 }).initialize();
    await source.runMigrations();
    const prefix = `w${database.name.slice(-12)}`;
    await applyUsers(source, database.url, {
      grants: TABLE_GRANTS,
      prefix,
      passwords: { controlPlane: PASSWORD, worker: PASSWORD },
    });
    return new UsersOfWorld(database, source, prefix);
  }

  /** For what tests do that no process may. */
  get administrator(): Database {
    return new Database(this.source);
  }

  urlOf(user: DatabaseUser): string {
    return urlAs(this.database.url, databaseUserName(this.prefix, user), PASSWORD);
  }

  async drop(): Promise<void> {
    for (const user of ['controlPlane', 'worker'] as const)
      await this.source.query(`DROP USER IF EXISTS ${accountOf(this.prefix, user)}`);
    await this.source.destroy();
  }
}

/** Of 32 random bytes that nobody kept. */
const UNKNOWN_PASSWORD =
  '$argon2id$v=19$m=19456,t=2,p=1$ZOerjdjnXk1XZ9rFUA0d8g$GPrLyS2ELz7fYq2wOyJ2S16hSdcxjAUVLpTjKgnld3g';
const PASSWORD = 'of-every-user';

/** Straight into the tables: hashing a password per test would only cost time. */
async function signedIn(app: NestFastifyApplication, db: Database, url: string, grant: Grant): Promise<SignedInClient> {
  const id = uuidv7();
  const user = {
    id,
    email: `${id}@example.com`,
    name: grant.role,
    passwordHash: UNKNOWN_PASSWORD,
    active: true,
    createdAt: new Date(),
  };
  const token = await db.tx(async (tx) => {
    await tx.insert(UserRow, user);
    await tx.insert(GrantRow, { ...grant, id: uuidv7(), holderId: id });
    return (await app.get(Sessions, { strict: false }).begin(tx, id)).token;
  });
  const actor = await app.get(Actors, { strict: false }).byId(id);
  if (!actor) throw new Error('a user just made is no actor');
  return Object.assign(new GraphqlClient(url, token), { actor, token });
}

class Seeder implements Seeding {
  private readonly steps: (() => Promise<unknown>)[] = [];

  constructor(private readonly db: Database) {}

  site(key: string, data: Partial<SiteRow> = {}): this {
    const row = { key, name: key, jurisdiction: 'GB', locale: 'en-GB', createdAt: new Date(), ...data };
    this.steps.push(() => this.db.manager.insert(SiteRow, row));
    return this;
  }

  environment(name: string, data: Partial<EnvironmentRow> = {}): this {
    const start = {
      epoch: uuidv7(),
      headSeq: 0,
      stateHash: EMPTY_STATE,
      settingsVersion: 0,
      anonymousReads: true,
      createdAt: new Date(),
    };
    this.steps.push(() => this.db.manager.insert(EnvironmentRow, { name, ...start, ...data }));
    return this;
  }

  then<A, B>(
    done?: (() => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.run().then(done, failed);
  }

  private async run(): Promise<void> {
    for (const step of this.steps) await step();
  }
}
