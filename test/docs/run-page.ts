import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Kind, OperationTypeNode, parse } from 'graphql';
import type { Environment } from '@paddock/processes';
import { until } from '@paddock/testing';
import { BashSession } from './bash-session.js';
import { fencedBlocks } from './fenced-blocks.js';
import { type Service, type Step, stepsOf } from './page-steps.js';
import { ShownOutputs } from './shown-outputs.js';

const STEP_MS = 60_000;

/** Where the steps of a page run. */
export interface PageWorld {
  /** Of shells and modules. */
  readonly env: Environment;
  /** GraphQL endpoints with the headers that they want. */
  readonly graphql: Readonly<Partial<Record<Service, { url: string; headers: Readonly<Record<string, string>> }>>>;
  /** Variables of operations, beside those that steps keep. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

/**
 * Executes every step of a page in its order, as a reader would, and compares what it prints with what the page shows.
 *
 * @param path from the root of the repository: `docs/guides/editors.md`
 * @returns how many steps ran
 * @throws Error that names the page and line of the first step that fails or prints something else
 */
export async function runPage(path: string, world: PageWorld): Promise<number> {
  const steps = stepsOf(fencedBlocks(await readFile(resolve(path), 'utf8')));
  const folder = await mkdtemp(join(tmpdir(), 'paddock-page-'));
  const page = new PageRun(world, folder);
  try {
    for (const step of steps) {
      await page.run(step).catch((error: unknown) => {
        throw new Error(`${path}:${step.line}: ${describe(error)}`);
      });
    }
    return steps.length;
  } finally {
    await page.end();
    await rm(folder, { recursive: true });
  }
}

class PageRun {
  private readonly bash: BashSession;
  private readonly outputs = new ShownOutputs();
  private readonly variables: Record<string, unknown>;

  constructor(
    private readonly world: PageWorld,
    private readonly folder: string,
  ) {
    this.bash = new BashSession(folder, { cwd: resolve('.'), env: world.env });
    this.variables = { ...world.variables };
  }

  /** @throws Error that says what is wrong */
  async run(step: Step): Promise<void> {
    const once = async (): Promise<true> => {
      const problem = await this.once(step);
      if (problem !== undefined) throw new Error(problem);
      return true;
    };
    if (step.eventually)
      await until(once, { timeoutMs: STEP_MS, everyMs: 200, what: 'the output that the page shows' });
    else await once();
  }

  end(): Promise<void> {
    return this.bash.end();
  }

  /** Undefined where all is well. */
  private once(step: Step): Promise<string | undefined> {
    switch (step.language) {
      case 'sh':
        return this.shell(step);
      case 'graphql':
        return this.graphql(step);
      case 'js':
        return this.module(step);
    }
  }

  private async shell(step: Step): Promise<string | undefined> {
    const { output, errors, exitCode } = await this.bash.run(step.text, STEP_MS);
    if (exitCode !== 0) return `exit code ${exitCode}:\n${output}${errors}`;
    return this.compared(step, output);
  }

  private async module(step: Step): Promise<string | undefined> {
    const file = join(this.folder, 'step.mjs');
    await writeFile(file, step.text);
    const { stdout } = await promisify(execFile)(process.execPath, ['--experimental-eventsource', file], {
      env: this.world.env,
      timeout: STEP_MS,
    });
    return this.compared(step, stdout);
  }

  private async graphql(step: Step): Promise<string | undefined> {
    const endpoint = this.world.graphql[step.service];
    if (!endpoint) return `there is no ${step.service} here`;
    const response = await fetch(endpoint.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...endpoint.headers },
      body: JSON.stringify({ query: step.text, variables: this.variablesOf(step.text) }),
    });
    const text = await response.text();
    const problem = step.output ? this.compared(step, text) : answerProblem(text);
    if (problem === undefined) this.keep(step, text);
    return problem;
  }

  private compared({ output }: Step, printed: string): string | undefined {
    return output && this.outputs.difference(output.text, printed, output.language);
  }

  /** The values that are known of the variables that an operation declares. */
  private variablesOf(query: string): Record<string, unknown> {
    const declared = parse(query).definitions.flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION && definition.operation !== OperationTypeNode.SUBSCRIPTION
        ? (definition.variableDefinitions ?? [])
        : [],
    );
    return Object.fromEntries(
      declared.flatMap(({ variable }) =>
        variable.name.value in this.variables ? [[variable.name.value, this.variables[variable.name.value]]] : [],
      ),
    );
  }

  private keep({ keep, line }: Step, answer: string): void {
    const { data }: { data: unknown } = JSON.parse(answer);
    for (const [variable, path] of keep) {
      const value = valueAt(data, path);
      if (value === undefined) throw new Error(`line ${line}: the answer has no ${path}: ${answer}`);
      this.variables[variable] = value;
    }
  }
}

function valueAt(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (at, name) =>
        typeof at === 'object' && at !== null ? Object.entries(at).find(([key]) => key === name)?.[1] : undefined,
      value,
    );
}

/** An answer that the page does not show must at least be one without errors and problems. */
function answerProblem(answer: string): string | undefined {
  const { data, errors }: { data?: Record<string, unknown> | null; errors?: unknown } = JSON.parse(answer);
  const refused = Object.values(data ?? {}).some(
    (member) => typeof member === 'object' && member !== null && 'code' in member && 'message' in member,
  );
  return errors !== undefined || !data || refused ? `refused: ${answer}` : undefined;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${describe(error.cause)}`;
}
