import type { FencedBlock } from './fenced-blocks.js';

const SERVICES = ['controlPlane', 'edge', 'analytics', 'odds'] as const;

/** Whose GraphQL API an example asks. */
export type Service = (typeof SERVICES)[number];

/** A block that is executed, and the output that the page shows under it. */
export interface Step {
  readonly language: 'sh' | 'graphql' | 'js';
  readonly service: Service;
  /** Whether it is tried again until the output is as shown. */
  readonly eventually: boolean;
  /** Values of the answer that later steps need: variable → path within `data`. */
  readonly keep: ReadonlyMap<string, string>;
  readonly text: string;
  readonly line: number;
  readonly output: { readonly language: string; readonly text: string } | undefined;
}

/**
 * The steps of a page. A block is a step where its info string says `run`:
 *
 * | info string | what is executed |
 * |---|---|
 * | `sh run` | in one bash per page, which keeps its variables from step to step |
 * | `graphql run` | sent to the control plane as the administrator; `service=analytics` sends it elsewhere |
 * | `js run` | a module of its own in Node |
 * | `… eventually` | tried again until the output is as shown |
 * | `graphql run keep=release:createRelease.id` | later operations that declare `$release` get this value |
 *
 * The next block with the word `output` (`text output`, `json output`) is what it must print.
 *
 * @throws Error for words that mean nothing, an output without a step, and languages that cannot run
 */
export function stepsOf(blocks: readonly FencedBlock[]): Step[] {
  const steps: Step[] = [];
  for (const block of blocks) {
    if (block.words.includes('run')) steps.push(step(block));
    else if (block.words.includes('output')) {
      const last = steps.pop();
      if (!last || last.output) throw new Error(`line ${block.line}: an output without a step before it`);
      steps.push({ ...last, output: { language: block.language, text: block.text } });
    } else if (block.words.length > 0) {
      throw new Error(`line ${block.line}: ${block.words.join(' ')} says neither run nor output`);
    }
  }
  return steps;
}

function step({ language, words, text, line }: FencedBlock): Step {
  if (language !== 'sh' && language !== 'graphql' && language !== 'js')
    throw new Error(`line ${line}: ${language} cannot run; sh, graphql and js can`);
  const keep = new Map<string, string>();
  let service: Service = 'controlPlane';
  for (const word of words) {
    const [name = '', value = ''] = word.split('=');
    if (name === 'keep') for (const [variable, path] of kept(value, line)) keep.set(variable, path);
    else if (name === 'service') service = serviceNamed(value, line);
    else if (name !== 'run' && name !== 'eventually') throw new Error(`line ${line}: ${word} means nothing`);
  }
  return { language, service, eventually: words.includes('eventually'), keep, text, line, output: undefined };
}

function kept(list: string, line: number): [string, string][] {
  return list.split(',').map((pair) => {
    const [variable, path] = pair.split(':');
    if (!variable || !path) throw new Error(`line ${line}: keep=variable:path,… was expected, not ${list}`);
    return [variable, path];
  });
}

function serviceNamed(name: string, line: number): Service {
  const found = SERVICES.find((service) => service === name);
  if (!found) throw new Error(`line ${line}: ${name} is no service; ${SERVICES.join(', ')} are`);
  return found;
}
