/** The bound of a ratio. */
export type Bar = { atLeast: number } | { atMost: number };

/** One line of the table: what was measured and its limit, both in the same run on the same machine. */
export interface Figure {
  name: string;
  measured: string;
  limit: string;
  ratio: number;
  /** The smallest and the largest ratio of the repetitions, where there were some. */
  spread?: readonly [number, number];
  bar: Bar;
}

/** Additional figures without a limit. */
export interface Observation {
  name: string;
  value: string;
}

/** The result of one row of the bench. */
export interface Outcome {
  figures: Figure[];
  observations: Observation[];
}

export function holds({ ratio, bar }: Figure): boolean {
  return 'atLeast' in bar ? ratio >= bar.atLeast : ratio <= bar.atMost;
}

/** The figures as a Markdown table, and the observations as another. */
export function formatOutcome({ figures, observations }: Outcome): string {
  const lines = ['| figure | measured | limit in the same run | ratio | bar | held |', '|---|---|---|---|---|---|'];
  for (const figure of figures) {
    const { name, measured, limit, ratio, spread } = figure;
    const between = spread ? ` (${round(spread[0])} to ${round(spread[1])})` : '';
    lines.push(
      `| ${[name, measured, limit, `${round(ratio)}${between}`, barText(figure.bar), holds(figure) ? 'yes' : '**no**'].join(' | ')} |`,
    );
  }
  if (observations.length > 0)
    lines.push(
      '',
      '| also measured | |',
      '|---|---|',
      ...observations.map(({ name, value }) => `| ${name} | ${value} |`),
    );
  return lines.join('\n');
}

const barText = (bar: Bar): string => ('atLeast' in bar ? `at least ${bar.atLeast}` : `at most ${bar.atMost}`);

const round = (ratio: number): string => ratio.toFixed(2);
