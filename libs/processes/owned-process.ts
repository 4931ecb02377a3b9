import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Environment variables of a process, all of them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What to start and how to know that it is ready. */
export interface ProcessSpec {
  /** Its name in messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the process; the caller's own when left out. */
  readonly env?: Environment;
  readonly cwd?: string;
  /** File to which standard output and standard error are appended. */
  readonly log: string;
  /** Called repeatedly until it returns true; a rejection means "not yet". */
  readonly ready: () => Promise<boolean>;
  /** 30 s when left out. */
  readonly readyTimeoutMs?: number;
}

/** Options of one start. */
export interface StartOptions {
  /** Added to the environment that the process always gets. */
  readonly env?: Environment;
  readonly readyTimeoutMs?: number;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What happened to a process, in milliseconds of `performance.now()` of its owner. */
export interface ProcessEvent {
  readonly at: number;
  /** Of the process that it happened to. */
  readonly pid: number | undefined;
  readonly what: 'started' | 'ready' | 'paused' | 'resumed' | 'asked to end' | 'ended';
  /** The signal that ended it, where one did. */
  readonly signal?: NodeJS.Signals | null;
}

/**
 * A child process that ends with its parent, even when the parent is killed with -9 (where the kernel offers that), and
 * that the keys of a terminal do not reach: only its owner stops it. May be started again after it has ended.
 */
export class OwnedProcess {
  private child: ChildProcess | undefined;
  private ended: Promise<Exit> = Promise.resolve({ code: null, signal: null });
  private readonly observers = new Set<(event: ProcessEvent) => void>();

  constructor(protected readonly spec: ProcessSpec) {}

  get name(): string {
    return this.spec.name;
  }

  get log(): string {
    return this.spec.log;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.running ? this.child?.pid : undefined;
  }

  get running(): boolean {
    return this.child?.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Settles when the process that was started last has ended. */
  get exit(): Promise<Exit> {
    return this.ended;
  }

  /** Reports what happens to it from now on, until the returned function is called. */
  observe(observer: (event: ProcessEvent) => void): () => void {
    this.observers.add(observer);
    return () => this.observers.delete(observer);
  }

  /**
   * Starts it and waits until it is ready.
   * @throws Error with the end of its log when it ends before or takes too long; it does not run then
   */
  async start(options: StartOptions = {}): Promise<void> {
    this.launch(options);
    await this.becomesReady(options);
  }

  /** Starts it and does not wait. */
  launch({ env = {} }: StartOptions = {}): void {
    if (this.running) throw new Error(`${this.name} runs already`);
    this.child = this.spawn(env);
    const { pid } = this.child;
    this.report('started', pid);
    this.ended = endOf(this.child).then((exit) => {
      this.report('ended', pid, exit.signal);
      return exit;
    });
  }

  /**
   * Waits until it is ready.
   * @throws Error with the end of its log when it ends before or takes too long; it does not run then
   */
  async becomesReady({ readyTimeoutMs = this.spec.readyTimeoutMs ?? 30_000 }: StartOptions = {}): Promise<void> {
    const deadline = Date.now() + readyTimeoutMs;
    while (!(await this.isReady())) {
      if (!this.running) throw new Error(`${this.name} ended while it started\n${this.endOfLog()}`);
      if (Date.now() > deadline) {
        await this.kill9();
        throw new Error(`${this.name} did not become ready in time\n${this.endOfLog()}`);
      }
      await delay(25);
    }
    this.report('ready', this.pid);
  }

  /** Asks it to end and, when it does not in time, kills it. */
  async stop(timeoutMs = 10_000): Promise<Exit> {
    const killing = setTimeout(() => this.signal('SIGKILL'), timeoutMs);
    if (this.running) this.report('asked to end', this.pid);
    this.signal('SIGTERM');
    this.signal('SIGCONT');
    try {
      return await this.ended;
    } finally {
      clearTimeout(killing);
    }
  }

  /** Ends it as a power cut would: nothing flushed, closed or caught. */
  async kill9(): Promise<Exit> {
    this.signal('SIGKILL');
    return this.ended;
  }

  /** Stops time for it, as a long pause of the machine would. */
  pause(): void {
    this.report('paused', this.pid);
    this.signal('SIGSTOP');
  }

  resume(): void {
    this.signal('SIGCONT');
    this.report('resumed', this.pid);
  }

  private report(what: ProcessEvent['what'], pid: number | undefined, signal?: NodeJS.Signals | null): void {
    const event: ProcessEvent = { at: performance.now(), pid, what, ...(signal === undefined ? {} : { signal }) };
    for (const observer of this.observers) observer(event);
  }

  private signal(signal: NodeJS.Signals): void {
    if (this.running) this.child?.kill(signal);
  }

  private async isReady(): Promise<boolean> {
    try {
      return this.running && (await this.spec.ready());
    } catch {
      return false;
    }
  }

  /**
   * Makes the child process.
   * @param stdin `pipe` where the owner writes to it
   */
  protected spawn(extraEnv: Environment, stdin: 'ignore' | 'pipe' = 'ignore'): ChildProcess {
    const { command, args, env = process.env, cwd } = this.spec;
    const [file = command, ...rest] = endingWithParent([command, ...args]);
    const log = openSync(this.spec.log, 'a', 0o600);
    try {
      return spawn(file, rest, { env: { ...env, ...extraEnv }, cwd, detached: true, stdio: [stdin, log, log] });
    } finally {
      closeSync(log);
    }
  }

  private endOfLog(): string {
    return readFileSync(this.spec.log, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
  }
}

function endOf(child: ChildProcess): Promise<Exit> {
  const exited = once(child, 'exit').then(([code, signal]): Exit => ({ code, signal }));
  // A command that cannot be started at all reports an error instead of an exit.
  return exited.catch(() => ({ code: 127, signal: null }));
}

let setpriv: boolean | undefined;

/** Linux sends a signal to the child when its parent dies; util-linux' setpriv asks for that and then becomes the command. */
function endingWithParent(command: readonly string[]): readonly string[] {
  setpriv ??= spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true']).status === 0;
  return setpriv ? ['setpriv', '--pdeathsig', 'TERM', ...command] : command;
}
