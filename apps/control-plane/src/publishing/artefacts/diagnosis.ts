import { EMPTY_STATE } from '@paddock/contracts';
import type { Inspection } from './artefact-store.js';
import type { DatabaseHead } from './landed-releases.js';

/** A verified state: the number of live documents at a head whose documents were all checked. */
export interface Verified {
  epoch: string;
  seq: number;
  liveDocuments: number;
}

export type Diagnosis =
  | { state: 'current' }
  /** The head itself says that it is not where MySQL is: behind, or in another history. */
  | { state: 'elsewhere' }
  /** The head looks right, the artefacts behind it do not. */
  | { state: 'damaged'; because: string };

/** Compares Redis with MySQL by the cheap summary. */
export function diagnose(
  found: Inspection | undefined,
  databaseHead: DatabaseHead,
  verified: Verified | undefined,
): Diagnosis {
  if (!found) return { state: 'elsewhere' };
  const { head, liveDocuments } = found;
  if (
    head.epoch !== databaseHead.epoch ||
    head.seq !== databaseHead.seq ||
    head.settingsVersion !== databaseHead.settingsVersion
  )
    return { state: 'elsewhere' };
  if (head.stateHash !== databaseHead.stateHash) return { state: 'elsewhere' };
  if ((liveDocuments === 0) !== (head.stateHash === EMPTY_STATE)) return damaged(`${liveDocuments} live documents`);
  if (verified?.epoch === head.epoch && verified.seq === head.seq && verified.liveDocuments !== liveDocuments) {
    return damaged(`${liveDocuments} live documents, not ${verified.liveDocuments}`);
  }
  if (!found.hasNewestChange) return damaged(`the change ${head.seq} is missing`);
  if (!found.hasSettings) return damaged('the settings are missing');
  return { state: 'current' };
}

function damaged(because: string): Diagnosis {
  return { state: 'damaged', because };
}
