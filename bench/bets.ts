/** Bets as a load of the bench: 100 to 200 bytes each as NDJSON, one contract, and up to 64 metrics on it. */
const properties = {
  id: { type: 'string' },
  at: { type: 'string', format: 'date-time' },
  user: { type: 'string' },
  amount: { type: 'number' },
  country: { type: 'string' },
  ms: { type: 'number' },
};
const simple = (agg: string, more: object = {}) => ({ title: agg, simple: { event: 'bet', agg, ...more } });

/** Two counts, two filtered sums, distinct counts of both kinds, an extreme, a percentile. */
const EIGHT: Readonly<Record<string, object>> = {
  bets: simple('count'),
  bets_by_country: simple('count', { dimensions: [{ name: 'country' }] }),
  stake: simple('sum', { expr: 'amount' }),
  large: simple('count', { filter: { gt: { field: 'amount', value: 50 } } }),
  players: simple('count_distinct', { expr: '$user' }),
  about_players: simple('count_distinct', { expr: '$user', accuracy: 'approximate' }),
  highest: simple('max', { expr: 'amount' }),
  p95: simple('percentile', { expr: 'ms', percentile: 0.95 }),
};

/**
 * A definitions file with this many metrics: eight basic ones, then variations of them that are computed separately.
 */
export function betDefinitions(metrics: number): string {
  const many = Object.fromEntries(
    Array.from({ length: metrics }, (_, index) => {
      const [name, body] = Object.entries(EIGHT)[index % 8] ?? ['', {}];
      const varied: unknown =
        index < 8
          ? body
          : {
              ...body,
              simple: {
                ...('simple' in body && typeof body.simple === 'object' ? body.simple : {}),
                filter: { gt: { field: 'ms', value: index } },
              },
            };
      return [index < 8 ? name : `${name}_${index}`, varied];
    }),
  );
  return JSON.stringify({
    events: [
      {
        event: 'bet',
        versions: [{ version: '1.0.0', schema: { type: 'object', required: ['id', 'at'], properties } }],
        fields: { id: 'id', time: 'at', user: 'user' },
        time: { outOfOrder: '1s' },
      },
    ],
    metrics: many,
  });
}

/** Bets `from` and those after it, which happened within the second before `at`, as a body of NDJSON. */
export function betBody(from: number, count: number, at: number): Buffer {
  const times = Array.from({ length: 1_000 }, (_, ms) => new Date(at - ms).toISOString());
  const lines: string[] = [];
  for (let n = from; n < from + count; n += 1) {
    lines.push(
      `{"event":"bet","id":"e-${n.toString(36)}-${(n * 7919) % 1_000_003}","at":"${times[n % 1_000] ?? ''}","user":"u${n % 50_000}","amount":${(n % 10_000) / 100},"country":"c${n % 40}","ms":${n % 997}}`,
    );
  }
  return Buffer.from(lines.join('\n'));
}
