/** That two ids belong to one person, as an event or a call of Segment's API said. */
export interface IdentityLink {
  /** The id of before: an anonymous id, or the user id that an alias replaces. */
  from: string;
  /** The user id. */
  user: string;
  /** Said by `alias`, and not by an event that carries both ids. */
  alias: boolean;
  /** When, in milliseconds, corrected for the sender's clock. */
  at: number;
}

/** Columns of links, as the log and the store carry them. */
export const LINK_COLUMNS = ['id', 'user', 'alias', 'at'] as const;

/** Longer ids are ignored. */
export const MAX_ID_LENGTH = 300;

/** A link as a row of {@link LINK_COLUMNS}. */
export function linkRow({ from, user, alias, at }: IdentityLink): unknown[] {
  return [from, user, alias, at];
}

/** Reads rows of links; invalid lines are left out. */
export function linksOf(rows: Buffer): IdentityLink[] {
  return rows
    .toString('utf8')
    .split('\n')
    .flatMap((line): IdentityLink[] => {
      const values: unknown = line === '' ? undefined : JSON.parse(line);
      const [from, user, alias, at]: unknown[] = Array.isArray(values) ? values : [];
      return typeof from === 'string' &&
        typeof user === 'string' &&
        typeof alias === 'boolean' &&
        typeof at === 'number'
        ? [{ from, user, alias, at }]
        : [];
    });
}
