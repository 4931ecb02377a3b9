import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '@paddock/processes';

/** A step's output and exit code. */
export interface Printed {
  readonly output: string;
  readonly errors: string;
  /** Of the last command of the step. */
  readonly exitCode: number;
}

/** One bash, as a reader has it open: variables and functions of a step are there in the next. */
export class BashSession {
  private readonly bash: ChildProcessWithoutNullStreams;
  private output = '';
  private errors = '';
  private wake = (): void => undefined;

  /** @param folder where the text of a step lies while it runs */
  constructor(
    private readonly folder: string,
    options: { cwd: string; env: Environment },
  ) {
    this.bash = spawn('bash', ['--noprofile', '--norc'], { ...options, detached: true });
    this.bash.stdout.on('data', (chunk) => this.heard(() => (this.output += String(chunk))));
    this.bash.stderr.on('data', (chunk) => this.heard(() => (this.errors += String(chunk))));
    this.bash.on('exit', () => this.wake());
  }

  /**
   * Runs a step and waits for its end.
   * @throws Error when it takes longer than `timeoutMs`, or ends the shell
   */
  async run(text: string, timeoutMs: number): Promise<Printed> {
    const end = `end-of-step-${randomUUID()}`;
    const file = join(this.folder, 'step.sh');
    await writeFile(file, text);
    this.output = this.errors = '';
    this.bash.stdin.write(`. '${file}' </dev/null; echo "${end} $?"; echo "${end}" >&2\n`);
    const deadline = performance.now() + timeoutMs;
    while (!new RegExp(`${end} \\d+\\n`).test(this.output) || !this.errors.includes(end)) {
      if (this.bash.exitCode !== null) throw new Error(`the shell ended:\n${this.output}${this.errors}`);
      if (performance.now() > deadline) throw new Error(`no end after ${timeoutMs} ms:\n${this.output}${this.errors}`);
      await this.more(deadline - performance.now());
    }
    const [output = '', exitCode = ''] = this.output.split(`${end} `);
    return { output, errors: this.errors.split(end)[0] ?? '', exitCode: Number(exitCode) };
  }

  /** Ends the shell and everything that it started. */
  async end(): Promise<void> {
    if (this.bash.exitCode !== null || this.bash.pid === undefined) return;
    const exit = once(this.bash, 'exit');
    process.kill(-this.bash.pid, 'SIGKILL');
    await exit;
  }

  private heard(take: () => void): void {
    take();
    this.wake();
  }

  /** Settles with the next output, or when the time is up. */
  private more(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, withinMs));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
