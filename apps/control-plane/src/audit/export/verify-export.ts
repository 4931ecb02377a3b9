import { CHAIN_START } from '../audit.js';
import type { PublicKeys } from '../heads/signed-head.js';
import { checkEntry } from '../verify/check-entry.js';
import { Witnesses } from '../verify/compare-witnesses.js';
import { testimoniesOf, type Testimony, type Witness } from '../verify/head-witness.js';
import type { ChainVerdict } from '../verify/verify-chain.js';
import { endIn, entriesIn, headsIn } from './export-lines.js';

/** Checks an export by itself: its chain from the first entry, its end and, with public keys, the signatures of its heads. */
export async function verifyExport(file: string, keys: PublicKeys | undefined): Promise<ChainVerdict> {
  const end = await endIn(file);
  const name = 'the signed heads in the export';
  const heads = new Witnesses(
    keys && end ? [{ name, testimonies: testimoniesOf(headsIn(file), { keys, name, upTo: end.heads }) }] : [],
  );
  let previous = { number: 0, hash: CHAIN_START };
  for await (const entry of entriesIn(file)) {
    const broken = checkEntry(entry, previous) ?? (await heads.at(entry));
    if (broken) return { ok: false, ...broken };
    previous = entry;
  }
  const broken = await heads.atEnd(previous.number);
  if (broken) return { ok: false, ...broken };
  if (end?.entries !== previous.number || end.hash !== previous.hash) {
    return {
      ok: false,
      number: previous.number + 1,
      reason: 'END',
      message: `the export is cut off after entry ${previous.number}`,
    };
  }
  return { ok: true, entries: end.entries, hash: end.hash, signed: keys && heads.lastNumber };
}

/** The hashes of an export, to compare with the log in a database. */
export function exportWitness(file: string): Witness {
  return { name: 'the entries of the export', testimonies: testimonies(file) };
}

async function* testimonies(file: string): AsyncGenerator<Testimony> {
  for await (const { number, hash, at } of entriesIn(file)) yield { number, hash, at: at.toISOString() };
}
