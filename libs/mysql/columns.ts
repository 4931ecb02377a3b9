import type { ColumnOptions } from 'typeorm';

/** UUIDv7 as text: sorts by time, so new rows go to the end of the primary key. */
export const idColumn = {
  type: 'char',
  length: 36,
  charset: 'ascii',
  collation: 'ascii_bin',
} as const satisfies ColumnOptions;

/** Ids, keys, names of environments and states: compared byte by byte. */
export const asciiColumn = (length: number) =>
  ({ type: 'varchar', length, charset: 'ascii', collation: 'ascii_bin' }) as const satisfies ColumnOptions;

/** A SHA-256 in lower-case hexadecimal digits. */
export const sha256Column = {
  type: 'char',
  length: 64,
  charset: 'ascii',
  collation: 'ascii_bin',
} as const satisfies ColumnOptions;

/** Text that people write and search. */
export const textColumn = (length: number) =>
  ({ type: 'varchar', length, charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' }) as const satisfies ColumnOptions;

/** JSON kept to the byte: a JSON column would let the server normalise what was hashed. */
export const exactJsonColumn = {
  type: 'longtext',
  charset: 'utf8mb4',
  collation: 'utf8mb4_bin',
} as const satisfies ColumnOptions;

/** UTC with milliseconds. */
export const timeColumn = { type: 'datetime', precision: 3 } as const satisfies ColumnOptions;

/** Counters beyond 32 bits that stay within the integers that JavaScript counts exactly. */
export const counterColumn = {
  type: 'bigint',
  unsigned: true,
  transformer: {
    to: (value: number | null) => value,
    from: (value: string | null) => (value === null ? null : Number(value)),
  },
} as const satisfies ColumnOptions;

/** Words of bodies that are searched: compared without regard to case and accents. */
export const searchedTextColumn = {
  type: 'mediumtext',
  charset: 'utf8mb4',
  collation: 'utf8mb4_unicode_ci',
} as const satisfies ColumnOptions;
