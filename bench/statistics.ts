/** The value that this share of the values does not exceed; 0.99 for p99. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The smallest and the largest. */
export function spreadOf(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

/** `1.23 ms`. */
export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)} ms`;
}

/** `p50 1.23 ms, p99 4.56 ms`. */
export function delays(values: readonly number[]): string {
  return `p50 ${ms(median(values))}, p99 ${ms(percentile(values, 0.99))}`;
}

/** Bytes as `12.3 MB`, of a million bytes each. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
