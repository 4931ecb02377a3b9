import type { ColumnOptions } from 'typeorm';

/** Ids, positions and names of states: compared byte by byte. */
export const asciiColumn = (length: number) =>
  ({ type: 'varchar', length, charset: 'ascii', collation: 'ascii_bin' }) as const satisfies ColumnOptions;

/** JSON kept as written. */
export const jsonColumn = {
  type: 'longtext',
  charset: 'utf8mb4',
  collation: 'utf8mb4_bin',
} as const satisfies ColumnOptions;

/** UTC with milliseconds. */
export const timeColumn = { type: 'datetime', precision: 3 } as const satisfies ColumnOptions;

/** Counters and milliseconds: beyond 32 bits, within the integers that JavaScript counts exactly. */
export const counterColumn = {
  type: 'bigint',
  unsigned: true,
  transformer: {
    to: (value: number | null) => value,
    from: (value: string | null) => (value === null ? null : Number(value)),
  },
} as const satisfies ColumnOptions;
