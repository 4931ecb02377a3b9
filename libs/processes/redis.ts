import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findBinary } from './binaries.js';
import { OwnedProcess, type StartOptions } from './owned-process.js';
import { systemEnvironment } from './process-settings.js';
import { type AclOptions, REDIS_ADMINISTRATOR, redisAclFile, type RedisUser, redisUserName } from './redis-users.js';
import { askTcp } from './tcp-question.js';

export interface RedisOptions {
  /** Owned by this server alone: data and settings live in it. */
  readonly dir: string;
  readonly port: number;
  /** A file in `dir` when left out. */
  readonly log?: string;
  /** Password of the one user with all rights. Letters, digits, `-` and `_` only. */
  readonly password: string;
  /** Passwords of the users of processes and the prefix of their keys; without it there is one user, without a name. */
  readonly users?: Pick<AclOptions, 'prefix' | 'passwords'>;
}

/** Redis as a queue needs it: nothing evicted, every write in an append-only file that is synced each second. */
export class PrivateRedis extends OwnedProcess {
  constructor(private readonly options: RedisOptions) {
    super({
      name: 'Redis',
      command: findBinary(['redis-server']) ?? join(options.dir, 'redis-server'),
      args: [join(options.dir, 'redis.conf')],
      env: systemEnvironment(process.env),
      log: options.log ?? join(options.dir, 'redis.log'),
      ready: async () => (await this.ask('PING')) === '+PONG',
    });
  }

  /** Can one be started on this machine? */
  static get installed(): boolean {
    return findBinary(['redis-server', CHECK_TOOL]) !== undefined;
  }

  get url(): string {
    return this.urlOf(this.options.users ? REDIS_ADMINISTRATOR : '', this.options.password);
  }

  /** Where the process finds it, as the user that it has here. */
  urlFor(user: RedisUser): string {
    const { users } = this.options;
    return users ? this.urlOf(redisUserName(users.prefix, user), users.passwords[user]) : this.url;
  }

  override async start(options?: StartOptions): Promise<void> {
    const { dir } = this.options;
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const { users, password: administrator } = this.options;
    if (users) await writeFile(aclFile(this.options), redisAclFile({ ...users, administrator }), { mode: 0o600 });
    await writeFile(join(dir, 'redis.conf'), settings(this.options), { mode: 0o600 });
    await this.linkCheckTool();
    await super.start(options);
  }

  /** Loses everything in it, as an empty replacement would. */
  async flush(): Promise<void> {
    const answer = await this.ask('FLUSHALL SYNC');
    if (answer !== '+OK') throw new Error(`Redis did not flush: ${answer}`);
  }

  private urlOf(name: string, password: string): string {
    return `redis://${encodeURIComponent(name)}:${password}@127.0.0.1:${this.options.port}`;
  }

  /** Debian's redis-tools brings the same program under another name; it acts by the name it is called by. */
  private async linkCheckTool(): Promise<void> {
    const checkTool = findBinary([CHECK_TOOL]);
    if (findBinary(['redis-server']) || !checkTool) return;
    await rm(this.spec.command, { force: true });
    await symlink(checkTool, this.spec.command);
  }

  private async ask(command: string): Promise<string> {
    const { port, password, users } = this.options;
    const who = users ? `${REDIS_ADMINISTRATOR} ` : '';
    const lines = (received: Buffer): string[] => received.toString('latin1').split('\r\n');
    const answer = await askTcp(
      port,
      `AUTH ${who}${password}\r\n${command}\r\n`,
      (received) => lines(received).length > 2,
      {
        timeoutMs: 10_000,
      },
    );
    return lines(answer)[1] ?? '';
  }
}

const CHECK_TOOL = 'redis-check-rdb';

const aclFile = ({ dir }: RedisOptions): string => join(dir, 'users.acl');

function settings(options: RedisOptions): string {
  const { dir, port, password, users } = options;
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    users ? `aclfile ${JSON.stringify(aclFile(options))}` : `requirepass ${password}`,
    `dir ${JSON.stringify(dir)}`,
    'daemonize no',
    'save ""',
    'appendonly yes',
    'appendfsync everysec',
    'maxmemory-policy noeviction',
  ]
    .map((line) => `${line}\n`)
    .join('');
}
