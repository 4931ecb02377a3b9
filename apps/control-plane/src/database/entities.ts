import { ApiTokenRow, ClientKeyRow, GrantRow, SessionRow, UserRow } from '../access/access.entity.js';
import {
  AdoptedRowRow,
  AdoptedTableRow,
  AdoptionDayRow,
  AdoptionRunRow,
  DriftEventRow,
  GatheredDocumentRow,
  RowDependentsRow,
  RowImageRow,
  RowWriteRow,
  SourceRow,
} from '../adoption/adoption.entity.js';
import { AuditChainRow, AuditEntryRow, AuditHeadRow } from '../audit/audit.entity.js';
import { DocumentContentRow, DocumentStateRow, DocumentTermRow } from '../documents/listing/listing.entity.js';
import { DocumentRow, DraftRow, RevisionReferenceRow, RevisionRow } from '../documents/document.entity.js';
import { ConsumerInstanceRow, OutboxRow, ReceiptRow } from '../publishing/publishing.entity.js';
import {
  EnvironmentRow,
  FreezeWindowRow,
  IdempotencyRow,
  ReleaseItemRow,
  ReleaseRow,
} from '../releases/release.entity.js';
import { SiteRow } from '../sites/site.entity.js';

export const ENTITIES = [
  AdoptedRowRow,
  AdoptedTableRow,
  AdoptionDayRow,
  AdoptionRunRow,
  ApiTokenRow,
  AuditChainRow,
  AuditEntryRow,
  AuditHeadRow,
  ClientKeyRow,
  ConsumerInstanceRow,
  DocumentContentRow,
  DocumentRow,
  DocumentStateRow,
  DocumentTermRow,
  DraftRow,
  DriftEventRow,
  EnvironmentRow,
  FreezeWindowRow,
  GatheredDocumentRow,
  GrantRow,
  IdempotencyRow,
  OutboxRow,
  ReceiptRow,
  ReleaseItemRow,
  ReleaseRow,
  RevisionReferenceRow,
  RevisionRow,
  RowDependentsRow,
  RowImageRow,
  RowWriteRow,
  SessionRow,
  SiteRow,
  SourceRow,
  UserRow,
];
