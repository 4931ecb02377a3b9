import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { existsSync } from 'node:fs';
import { recorded } from './recorded-feeds.js';

/** A runner as the independent consumer saw it. */
export interface OracleRunner {
  readonly selectionId: number;
  readonly handicap: number;
  readonly status: string;
  readonly lastPriceTraded: number | null;
  readonly totalMatched: number;
  readonly bestBack: { price: number; size: number } | null;
  readonly bestLay: { price: number; size: number } | null;
  readonly backLevels: number;
  readonly layLevels: number;
  readonly tradedLevels: number;
  readonly actualSP: number | null;
}

/** A book as the independent consumer saw it after some update. */
export interface OracleBook {
  readonly update: number;
  readonly marketId: string;
  readonly status: string;
  readonly inplay: boolean;
  readonly version: number;
  readonly totalMatched: number;
  readonly runners: readonly OracleRunner[];
}

interface Ladders {
  readonly tradedVolume: unknown[];
  readonly availableToBack: { price: number; size: number }[];
  readonly availableToLay: { price: number; size: number }[];
}

interface FullRunner extends Omit<
  OracleRunner,
  'bestBack' | 'bestLay' | 'backLevels' | 'layLevels' | 'tradedLevels' | 'actualSP'
> {
  readonly ex: Ladders;
  readonly sp: { readonly actualSP: number | null };
}

/** A book as betfairlightweight prints it in full. */
export type FullBook = Omit<OracleBook, 'runners' | 'update'> & { readonly runners: readonly FullRunner[] };

/** The result of betfairlightweight 2.22.0 for a capture: ten checkpoints and the final books. */
export async function oracleOf(
  capture: string,
): Promise<{ readonly clk: string; readonly updates: number; readonly books: readonly OracleBook[] }> {
  const path = recorded('oracle-betfairlightweight-2.22.0', `${capture.replaceAll('/', '__')}.final.json`);
  const json = existsSync(path) ? await readFile(path, 'utf8') : gunzipSync(await readFile(`${path}.gz`)).toString();
  const oracle: { clk: string; updates: number; checkpoints: OracleBook[]; final: Record<string, FullBook> } =
    JSON.parse(json);
  const final = Object.values(oracle.final).map((book) => ({ ...summarised(book), update: oracle.updates }));
  return { clk: oracle.clk, updates: oracle.updates, books: [...oracle.checkpoints, ...final] };
}

/** A full book in the form of a checkpoint. */
export function summarised(book: FullBook): Omit<OracleBook, 'update'> {
  return {
    ...book,
    runners: book.runners.map(({ ex, sp, ...runner }) => ({
      ...runner,
      bestBack: ex.availableToBack[0] ?? null,
      bestLay: ex.availableToLay[0] ?? null,
      backLevels: ex.availableToBack.length,
      layLevels: ex.availableToLay.length,
      tradedLevels: ex.tradedVolume.length,
      actualSP: sp.actualSP,
    })),
  };
}
