import { sha256Hex } from '@paddock/contracts';
import { FIRST_PREVIOUS, isGenuine, type PublicKeys, type SignedHead, statementOf } from '../heads/signed-head.js';
import type { BrokenAt } from './check-entry.js';

/** The hash that an entry had when it was signed or exported. At the end of the witness: the reason why no more is known. */
export type Testimony = { number: number; hash: string; at: string | undefined } | { broken: BrokenAt };

/** A place that knows hashes of entries independently of the log, in the order of their numbers. */
export interface Witness {
  /** Its name in messages: "the checkpoint files". */
  name: string;
  testimonies: AsyncIterable<Testimony>;
}

/**
 * The hashes of entries in signed heads. Each head must be genuine, have the next sequence and continue from the
 * previous head.
 * @param heads in the order of their sequences @param upTo the last sequence to read: later heads cover entries that a
 * verification does not see
 */
export async function* testimoniesOf(
  heads: AsyncIterable<SignedHead>,
  { keys, name, upTo }: { keys: PublicKeys; name: string; upTo: number },
): AsyncGenerator<Testimony, void, void> {
  let previous: SignedHead | undefined;
  let next = { sequence: 1, number: 1 };
  for await (const head of heads) {
    const fault = (message: string): Testimony => ({
      broken: { number: next.number, reason: 'SIGNATURE', message: `${name}: ${message}` },
    });
    const { sequence, first, hashes, at, previous: link } = readable(head) ?? {};
    if (sequence === undefined || first === undefined || hashes === undefined)
      return yield fault(`head ${next.sequence} cannot be read`);
    if (sequence > upTo) return;
    if (sequence !== next.sequence)
      return yield fault(`head ${next.sequence}, which covers the entries from ${next.number} on, is missing`);
    if (!keys.has(head.keyId))
      return yield fault(
        `head ${sequence} is signed with the key ${head.keyId}, which is not one of the given public keys`,
      );
    if (!isGenuine(head, keys)) return yield fault(`the signature of head ${sequence} is not genuine`);
    const expected = previous ? sha256Hex(previous.statement) : FIRST_PREVIOUS;
    if (link !== expected || first !== next.number)
      return yield fault(`head ${sequence} does not continue from the one before it`);
    for (const [index, hash] of hashes.entries()) yield { number: first + index, hash, at };
    previous = head;
    next = { sequence: sequence + 1, number: first + hashes.length };
  }
  if (next.sequence <= upTo) {
    const message = `${name}: the heads from ${next.sequence} on are missing; they cover the entries from ${next.number} on`;
    yield { broken: { number: next.number, reason: 'SIGNATURE', message } };
  }
}

function readable(head: SignedHead) {
  try {
    return statementOf(head);
  } catch {
    return undefined;
  }
}
