import { GRAINS, type Grain } from './definitions.js';

/** A number of one unit: `7 days`. */
export interface Duration {
  readonly amount: number;
  readonly unit: Grain;
}

const SHORT: Readonly<Record<string, Grain>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  q: 'quarter',
  y: 'year',
};

/** Reads `30s`, `5m`, `72h`, `7d`, `2w`, `1mo`, `1q`, `1y`, `7 days`, `1 month`. */
export function readDuration(text: string): Duration {
  const [, amount, word = ''] = /^(\d+) ?([a-z]+)$/.exec(text) ?? [];
  const unit = SHORT[word] ?? GRAINS.find((grain) => word === grain || word === `${grain}s`);
  if (amount === undefined || unit === undefined) throw new RangeError(`${JSON.stringify(text)} is no duration`);
  return { amount: Number(amount), unit };
}
