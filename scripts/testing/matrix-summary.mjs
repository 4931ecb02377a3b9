import { readFile } from 'node:fs/promises';

/** @typedef {{ row: string, seed: number, wallMs: number, convergedMs?: number, publishes?: number, reads?: number, readP99Ms?: number, measured?: string, problems: string[] }} Outcome */

/**
 * The lines that the repetitions of a matrix run wrote.
 * @returns {Promise<Outcome[]>}
 */
export async function readOutcomes(/** @type {string} */ file) {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** A Markdown table: a line for each row, with the worst figure of its repetitions and the seeds of those that failed. */
export function summary(/** @type {Outcome[]} */ outcomes) {
  const lines = [...Map.groupBy(outcomes, ({ row }) => row)].map(([row, all]) => {
    const failed = all.filter(({ problems }) => problems.length > 0).map(({ seed }) => seed);
    const worst = (/** @type {'convergedMs' | 'readP99Ms' | 'wallMs'} */ what) =>
      Math.max(...all.map((one) => one[what] ?? NaN));
    const total = (/** @type {'publishes' | 'reads'} */ what) => all.reduce((sum, one) => sum + (one[what] ?? 0), 0);
    const figures = [
      seconds(worst('convergedMs')),
      total('publishes'),
      total('reads'),
      figure(worst('readP99Ms')),
      seconds(worst('wallMs')),
    ];
    const measured = all.findLast(({ measured }) => measured)?.measured ?? '';
    return [
      row,
      `${all.length - failed.length} of ${all.length}`,
      ...figures,
      [measured, ...failed.map((seed) => `failed: seed ${seed}`)].filter(Boolean).join('; '),
    ];
  });
  const head = [
    'row',
    'held',
    'converged, worst (s)',
    'publishes',
    'pages read',
    'p99 of pages, worst (ms)',
    'wall time, worst (s)',
    'remarks',
  ];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const figure = (/** @type {number} */ value) => (Number.isNaN(value) ? '' : String(value));
const seconds = (/** @type {number} */ ms) => (Number.isNaN(ms) ? '' : (ms / 1_000).toFixed(1));
