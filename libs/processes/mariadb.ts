import { execFile } from 'node:child_process';
import { chmod, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findBinary } from './binaries.js';
import { OwnedProcess, type StartOptions } from './owned-process.js';
import { systemEnvironment } from './process-settings.js';
import { askTcp } from './tcp-question.js';

const run = promisify(execFile);

export interface MariaDbOptions {
  /** Owned by this server alone: data and settings live in it. */
  readonly dir: string;
  readonly port: number;
  /** A file in `dir` when left out. */
  readonly log?: string;
  /** Password of the account `paddock`, the administrator, which is made at each start. Letters, digits, `-` and `_` only. */
  readonly password: string;
  /**
   * The one database that the account may use, and give other users rights in, made where missing; without it the account
   * may do everything.
   */
  readonly database?: string;
  /** False trades what a power cut would lose for speed; what a kill would lose stays nothing. */
  readonly durable?: boolean;
}

/** MariaDB's data files: created under `data.new` and renamed when complete, so that an incomplete folder is never used. */
export class PrivateMariaDb extends OwnedProcess {
  constructor(private readonly options: MariaDbOptions) {
    super({
      name: 'MariaDB',
      command: findBinary(['mariadbd', 'mysqld']) ?? 'mariadbd',
      args: serverArguments(options),
      env: systemEnvironment(process.env),
      log: options.log ?? join(options.dir, 'mariadb.log'),
      ready: () => greets(options.port),
      // Recovery after a kill may have much to replay.
      readyTimeoutMs: 120_000,
    });
  }

  /** Can one be started on this machine? */
  static get installed(): boolean {
    return [['mariadbd', 'mysqld'], INSTALLERS, ['my_print_defaults']].every((names) => findBinary(names));
  }

  get url(): string {
    const { port, password, database = '' } = this.options;
    return `mysql://paddock:${password}@127.0.0.1:${port}/${database}`;
  }

  override async start(options?: StartOptions): Promise<void> {
    const { dir } = this.options;
    await mkdir(dir, { recursive: true, mode: 0o700 });
    // Servers that share a folder for temporary tables destroy each other's. What a killed one left there is of no use.
    await rm(temporaryFiles(dir), { recursive: true, force: true });
    await mkdir(temporaryFiles(dir), { mode: 0o700 });
    await this.makeDataFiles();
    await writeFile(join(dir, 'accounts.sql'), accountsSql(this.options), { mode: 0o600 });
    await super.start(options);
  }

  private async makeDataFiles(): Promise<void> {
    const data = join(this.options.dir, 'data');
    if (await stat(data).catch(() => undefined)) return;
    const unfinished = `${data}.new`;
    await rm(unfinished, { recursive: true, force: true });
    await run(findBinary(INSTALLERS) ?? 'mariadb-install-db', [
      '--no-defaults',
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      `--datadir=${unfinished}`,
      `--tmpdir=${temporaryFiles(this.options.dir)}`,
      LOG_FILE_SIZE,
      ...asRoot(),
    ]);
    // root has no password and may only come through the socket in here.
    await chmod(unfinished, 0o700);
    await rename(unfinished, data);
  }
}

const INSTALLERS = ['mariadb-install-db', 'mysql_install_db'];
const LOG_FILE_SIZE = '--innodb-log-file-size=48M';

const temporaryFiles = (dir: string): string => join(dir, 'tmp');

/** MariaDB refuses to run as root without this option. */
const asRoot = (): string[] => (process.getuid?.() === 0 ? ['--user=root'] : []);

function serverArguments({ dir, port, durable = true }: MariaDbOptions): string[] {
  return [
    '--no-defaults',
    `--datadir=${join(dir, 'data')}`,
    `--tmpdir=${temporaryFiles(dir)}`,
    // Relative to the data folder: a full path may exceed the 107 bytes that a socket's name may have.
    '--socket=mariadb.sock',
    '--pid-file=mariadb.pid',
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    `--init-file=${join(dir, 'accounts.sql')}`,
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_unicode_ci',
    '--default-time-zone=+00:00',
    '--max-connections=300',
    '--innodb-buffer-pool-size=256M',
    LOG_FILE_SIZE,
    `--innodb-flush-log-at-trx-commit=${durable ? 1 : 2}`,
    ...(durable ? [] : ['--innodb-doublewrite=OFF', '--innodb-flush-method=nosync']),
    ...asRoot(),
  ];
}

/** Run at each start before the first connection is taken, so a changed password takes effect. */
function accountsSql({ password, database }: MariaDbOptions): string {
  const account = "'paddock'@'127.0.0.1'";
  return [
    "DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1'",
    ...(database ? [`CREATE DATABASE IF NOT EXISTS \`${database}\``] : []),
    `CREATE USER IF NOT EXISTS ${account}`,
    `ALTER USER ${account} IDENTIFIED BY '${password}'`,
    // It makes the users of the processes, which have less rights. Without a database of its own it is a server of tests.
    ...(database ? [`GRANT CREATE USER ON *.* TO ${account}`] : []),
    `GRANT ALL ON ${database ? `\`${database}\`` : '*'}.* TO ${account} WITH GRANT OPTION`,
  ]
    .map((statement) => `${statement};\n`)
    .join('');
}

/** A server that takes connections speaks first: a packet whose fifth byte is the protocol version, 10. */
async function greets(port: number): Promise<boolean> {
  const greeting = await askTcp(port, '', (received) => received.length > 4);
  return greeting[4] === 10;
}
