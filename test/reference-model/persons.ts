/** That two ids belong to one person: an event carried both, or a call said so. */
export interface Link {
  /** The id of before. */
  readonly from: string;
  /** The user id. */
  readonly user: string;
  /** Said by `alias`: `user` replaces `from`. */
  readonly alias: boolean;
  /** When, corrected for the sender's clock, in milliseconds. */
  readonly at: number;
}

/** A call that identifies a visitor, without an event. An empty text counts as missing. */
export interface IdentityCall {
  readonly call: 'identify' | 'alias';
  readonly user?: string;
  readonly anonymous?: string;
  readonly previous?: string;
  /** When it was made; when it was received where left out. */
  readonly at?: string;
}

/** The links of a call; undefined where it lacks an id that it needs. */
export function linksOfCall(
  { call, user = '', anonymous = '', previous = '', at }: IdentityCall,
  receivedAt: number,
): readonly Link[] | undefined {
  if (call === 'alias' ? user === '' || previous === '' : user === '' && anonymous === '') return undefined;
  if (user === '') return [];
  const made = at === undefined ? receivedAt : Date.parse(at);
  return [
    ...(anonymous === '' ? [] : [{ from: anonymous, user, alias: false, at: made }]),
    ...(call === 'identify' ? [] : [{ from: previous, user, alias: true, at: made }]),
  ];
}

/**
 * Resolves ids to persons. A user id stands for itself, unless aliases connect it with others: then for the one that no
 * alias replaces, the smallest of several, or the smallest of all where each is replaced. Any other id belongs to the
 * user of its earliest link, of two at the same time to the smaller id. A link of an id with itself has no effect.
 */
export function personOf(id: string, all: readonly Link[]): string {
  const links = all.filter(({ from, user }) => from !== user);
  const isUser = (one: string): boolean => links.some(({ user }) => user === one);
  if (isUser(id))
    return groupName(
      id,
      links.filter(({ alias, from }) => alias && isUser(from)),
    );
  let first: Link | undefined;
  for (const link of links) {
    if (link.from !== id) continue;
    if (!first || link.at < first.at || (link.at === first.at && link.user < first.user)) first = link;
  }
  return first ? personOf(first.user, links) : id;
}

/** Walks along aliases until nothing new is found. */
function groupName(id: string, aliases: readonly Link[]): string {
  let group = [id];
  for (let size = 0; size < group.length;) {
    size = group.length;
    const reached = aliases.filter(({ from, user }) => group.includes(from) || group.includes(user));
    group = [...new Set([...group, ...reached.flatMap(({ from, user }) => [from, user])])];
  }
  const lasting = group.filter((one) => !aliases.some(({ from }) => from === one));
  return (lasting.length > 0 ? lasting : group).reduce((smallest, one) => (one < smallest ? one : smallest));
}
