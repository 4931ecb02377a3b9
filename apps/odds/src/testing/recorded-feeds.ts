import { join } from 'node:path';
import { describe, vi } from 'vitest';
import { describeWithData, referenceDataFolder } from '@paddock/testing';

/** A file among the recorded feeds. They are other people's: they are kept beside the repository, never inside it. */
export function recorded(...path: string[]): string {
  return join(referenceDataFolder(), 'odds', ...path);
}

/** Tests on recorded feeds. */
export function describeRecorded(name: string, tests: () => void): void {
  // Whole captures on a busy machine.
  vi.setConfig({ testTimeout: 120_000 });
  describeWithData(describe, name, 'odds', tests);
}

/** The long captures, by the names under which the oracle knows them. */
export const CAPTURES = [
  'KelvinVail__Betfair/src/Betfair.Tests/Stream/Data/MarketStream.txt',
  'betcode-org__betfair/tests/resources/historicaldata/BASIC-1.132153978',
  'betcode-org__flumine/tests/resources/1.197931750',
  'betcode-org__flumine/tests/resources/1.197931751',
  'betcode-org__flumine/tests/resources/1.200806927',
  'limx0__betfair_parser/tests/resources/data/1.127236622.bz2',
  'limx0__betfair_parser/tests/resources/data/1.164917629.bz2',
  'limx0__betfair_parser/tests/resources/data/1.185781277.bz2',
  'limx0__betfair_parser/tests/resources/data/1.242971311.bz2',
  'mzaja__betfair-database/tests/data/datasets/official/1.145405534.bz2',
  'mzaja__betfair-database/tests/data/datasets/official/1.211006011.bz2',
  'mzaja__betfair-database/tests/data/datasets/official/1.214555872.bz2',
  'mzaja__betfair-database/tests/data/datasets/official/1.223716976.bz2',
  'nautechsystems__nautilus_trader/tests/test_data/betfair/1-166564490.bz2',
  'nautechsystems__nautilus_trader/tests/test_data/betfair/1-166811431.bz2',
] as const;
