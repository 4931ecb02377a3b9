import { Initial1795132800000 } from './1795132800000-initial.js';
import { Adoption1795220000000 } from './1795220000000-adoption.js';
import { ForeignChanges1795306400000 } from './1795306400000-foreign-changes.js';
import { RefusedWrites1796018700000 } from './1796018700000-refused-writes.js';
import { GatheredDocuments1796021400000 } from './1796021400000-gathered-documents.js';
import { DraftEnvironments1796022000000 } from './1796022000000-draft-environments.js';
import { WriteBackReach1796028000000 } from './1796028000000-write-back-reach.js';
import { SeparatePowers1796040000000 } from './1796040000000-separate-powers.js';
import { AuditByTime1796058000000 } from './1796058000000-audit-by-time.js';
import { EventNames1796069700000 } from './1796069700000-event-names.js';
import { DocumentListing1796100000000 } from './1796100000000-document-listing.js';
import { DocumentStateOrders1796103000000 } from './1796103000000-document-state-orders.js';

/** In the order in which they run. */
export const MIGRATIONS = [
  Initial1795132800000,
  Adoption1795220000000,
  ForeignChanges1795306400000,
  RefusedWrites1796018700000,
  GatheredDocuments1796021400000,
  DraftEnvironments1796022000000,
  WriteBackReach1796028000000,
  SeparatePowers1796040000000,
  AuditByTime1796058000000,
  EventNames1796069700000,
  DocumentListing1796100000000,
  DocumentStateOrders1796103000000,
];
