import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { ReleaseType as ReleaseTypeName } from '@paddock/contracts';
import { Change } from '../documents/document.object.js';
import { StaleProblem } from '../documents/stale.problem.js';
import { CountedConnectionOf } from '../graphql/connection.js';
import { BlockedProblem, Gate, IdempotencyConflictProblem, NotFoundProblem, Severity } from '../graphql/problems.js';
import { resultUnion } from '../graphql/result-union.js';
import type { DocumentDiff as PlannedDiff, Impact as PlannedImpact, Plan, PlanInput } from './plan.js';
import type { ReleaseItemRow, ReleaseRow, ReleaseState as ReleaseStateName } from './release.entity.js';

export const ReleaseType = { FORWARD: 'FORWARD', ROLLBACK: 'ROLLBACK', AUTO_ROLLBACK: 'AUTO_ROLLBACK' } as const;
registerEnumType(ReleaseType, { name: 'ReleaseType' });

export const ReleaseState = {
  DRAFT: 'DRAFT',
  SCHEDULED: 'SCHEDULED',
  PAUSED: 'PAUSED',
  LANDED: 'LANDED',
  DROPPED: 'DROPPED',
} as const satisfies Record<ReleaseStateName, string>;
registerEnumType(ReleaseState, {
  name: 'ReleaseState',
  valuesMap: {
    DRAFT: { description: 'Made, not live.' },
    SCHEDULED: { description: 'Lands by itself at `scheduledAt`.' },
    PAUSED: { description: 'Was due, and a gate blocked it: see `pausedBecause`. Nothing of it is live.' },
    DROPPED: { description: 'Given up before it landed. It stays in the history and never lands.' },
    LANDED: { description: 'Live since `landedAt`; what later releases changed since is theirs.' },
  },
});

@ObjectType({ description: 'The effect of a release on one document.' })
export class ReleaseItem {
  @Field({ description: 'PUT or REMOVE.' }) op: string;
  @Field(() => Int, { nullable: true, description: 'The pinned revision; none for REMOVE.' }) revision: number | null;

  releaseId: string;
  documentId: string;
  environment: string;
  landed: boolean;
  replaced: number | null;

  static of(row: ReleaseItemRow): ReleaseItem {
    const { op, revision, releaseId, documentId, environment, seq, previousRevision: replaced } = row;
    return Object.assign(new ReleaseItem(), {
      op,
      revision,
      releaseId,
      documentId,
      environment,
      landed: seq !== null,
      replaced,
    });
  }
}

@ObjectType({ description: 'What would change of one document.' })
export class DocumentDiff {
  @Field(() => ID, { description: 'The id of the document.' }) documentId: string;
  @Field({ description: '`promo/acme-uk/summer`' }) document: string;
  @Field({ description: 'PUT or REMOVE.' }) op: string;
  @Field(() => Int, {
    nullable: true,
    description: 'The revision that would be live; null where the document would be removed.',
  })
  revision: number | null;
  @Field(() => Int, { nullable: true, description: 'The live revision.' }) previousRevision: number | null;
  @Field(() => [Change], { description: 'What changes in the body.' }) changes: Change[];

  static of({ ref, changes, ...rest }: PlannedDiff): DocumentDiff {
    return Object.assign(new DocumentDiff(), rest, {
      document: `${ref.kind}/${ref.site}/${ref.key}`,
      changes: changes.map(Change.of),
    });
  }
}

@ObjectType()
export class ImpactedPage {
  @Field({ description: 'The key of the site.' }) site: string;
  @Field({ description: 'The name of the page.' }) page: string;
  @Field(() => [String], { description: 'The slots that show something else.' }) slots: string[];
}

@ObjectType({ description: 'Who will see a difference.' })
export class Impact {
  @Field(() => [String], { description: 'The sites that look different.' }) sites: string[];
  @Field(() => [ImpactedPage], { description: 'The pages that look different.' }) pages: ImpactedPage[];
  @Field(() => [String], { description: 'The jurisdictions whose visitors see a difference.' }) jurisdictions: string[];

  /** The input of the plan; kinds read more from it than the engine knows. */
  input: PlanInput;

  static of({ sites, pages, jurisdictions }: PlannedImpact, input: PlanInput): Impact {
    return Object.assign(new Impact(), {
      input,
      sites,
      jurisdictions,
      pages: pages.map((page) => Object.assign(new ImpactedPage(), page)),
    });
  }
}

@ObjectType({ description: 'A scheduled release that pins some of the same documents.' })
export class Overlap {
  @Field(() => ID, { description: 'The id of the other release.' }) releaseId: string;
  @Field({ description: 'The title of the other release.' }) title: string;
  @Field({ description: 'When the other release is to land.' }) at: Date;
  @Field(() => [ID], { description: 'The documents that both change.' }) documentIds: string[];
}

@ObjectType({ description: 'A fact that an operator should know before publishing; it blocks nothing.' })
export class PlanNote {
  @Field({ description: 'Stable and machine-readable: `SCHEDULE_ENDED`.' }) code: string;
  @Field({ description: 'In words.' }) message: string;
  @Field(() => ID, { nullable: true, description: 'The document that it is about.' }) documentId: string | null;
  @Field(() => String, { nullable: true, description: 'Where in its body.' }) path: string | null;

  @Field(() => Severity, { description: 'Always WARNING: what holds up a release is a gate of the plan.' })
  readonly severity: Severity = 'WARNING';
}

@ObjectType({ description: 'The effect of a release if it landed now. It is not stored.' })
export class ReleasePlan {
  @Field({ description: 'Send it with the publish: it lands only what this plan shows.' }) planHash: string;
  @Field(() => [Gate], { description: 'Every reason why it may not land.' }) gates: Gate[];
  @Field(() => [PlanNote], {
    description:
      'Facts to know before publishing: parts that no visitor will see at present, items that change nothing, changes that an old table has no column for.',
  })
  notes: PlanNote[];
  @Field(() => [DocumentDiff], { description: 'What would change, document by document.' }) diff: DocumentDiff[];
  @Field(() => Impact, { description: 'Who will see a difference.' }) impact: Impact;
  @Field(() => [Overlap], { description: 'Scheduled releases that change the same documents.' }) overlaps: Overlap[];

  input: PlanInput;

  static of({ input, hash, gates, notes, diff, impact, overlaps }: Plan): ReleasePlan {
    return Object.assign(new ReleasePlan(), {
      input,
      planHash: hash,
      gates: gates.map((gate) => Gate.of(gate)),
      notes: notes.map((note) => Object.assign(new PlanNote(), note)),
      diff: diff.map(DocumentDiff.of),
      impact: Impact.of(impact, input),
      overlaps: overlaps.map((overlap) => Object.assign(new Overlap(), overlap)),
    });
  }
}

@ObjectType({ description: 'The unit that lands: pinned revisions, all of them or none.' })
export class Release {
  @Field(() => ID, { description: 'The id of the release.' }) id: string;
  @Field({ description: 'The environment in which it lands.' }) environment: string;
  @Field(() => Int, {
    nullable: true,
    description: 'Its number in the environment, without gaps; from the moment it lands.',
  })
  seq: number | null;
  @Field(() => ReleaseType, { description: 'Whether it publishes or rolls back.' }) type: ReleaseTypeName;
  @Field(() => ReleaseState, { description: 'Its state.' }) state: ReleaseStateName;
  @Field({ description: 'Its purpose in words.' }) title: string;
  @Field({ description: 'Why it was made, for rollbacks and promotions.' }) reason: string;
  @Field({ description: 'When the release was created.' }) createdAt: Date;
  @Field(() => Date, { nullable: true, description: 'When it became live; null before.' }) landedAt: Date | null;
  @Field(() => String, {
    nullable: true,
    description: 'Fingerprint of everything live after it; instances report it in receipts.',
  })
  stateHash: string | null;
  @Field(() => Date, { nullable: true, description: 'Scheduled time of landing; null where it is not scheduled.' })
  scheduledAt: Date | null;
  @Field(() => String, { nullable: true, description: 'IANA zone in which it was scheduled.' }) scheduledZone:
    string | null;

  authorId: string;
  landedById: string | null;
  scheduledById: string | null;
  revertsId: string | null;
  /** Why it was paused, as it is stored. */
  paused: string | null;

  static of(row: ReleaseRow): Release {
    const { pausedBecause: paused, landedBy: landedById, scheduledBy: scheduledById, ...rest } = row;
    return Object.assign(new Release(), rest, { landedById, scheduledById, paused });
  }
}

@ObjectType({ description: 'A page of releases.' })
export class ReleaseConnection extends CountedConnectionOf(Release) {}

const landingResult = (mutation: string) =>
  resultUnion(mutation, [Release, StaleProblem, BlockedProblem, NotFoundProblem, IdempotencyConflictProblem]);
const releaseResult = (mutation: string) => resultUnion(mutation, [Release, BlockedProblem, NotFoundProblem]);

export const PublishReleaseResult = landingResult('PublishRelease');
export const RollbackReleaseResult = landingResult('RollbackRelease');
export const RollbackDocumentResult = landingResult('RollbackDocument');
export const CreateReleaseResult = releaseResult('CreateRelease');
export const UpdateReleaseResult = releaseResult('UpdateRelease');
export const DropReleaseResult = releaseResult('DropRelease');
export const PromoteReleaseResult = releaseResult('PromoteRelease');
export const ScheduleReleaseResult = releaseResult('ScheduleRelease');
export const CancelScheduleResult = releaseResult('CancelSchedule');
