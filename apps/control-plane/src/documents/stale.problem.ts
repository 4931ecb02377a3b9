import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import type { KindName } from '@paddock/contracts';
import { Problem } from '../graphql/problems.js';
import { Stored } from './stored.js';

@ObjectType({ description: 'The current draft. Its kind resolves its body.' })
export class CurrentDraft extends Stored {
  @Field(() => Int, { description: 'Send it with your next `saveDraft`.' }) lockVersion: number;
}

@ObjectType({ description: 'A release that landed in the meantime.' })
export class WinningRelease {
  @Field(() => ID, { description: 'The id of the release.' }) id: string;
  @Field(() => Int, { description: 'The number that it got in its environment.' }) seq: number;
  @Field({ description: 'The title of the release.' }) title: string;
}

@ObjectType({
  implements: () => Problem,
  description: 'The request is based on a state that another change has replaced.',
})
export class StaleProblem extends Problem {
  @Field(() => CurrentDraft, { nullable: true, description: 'For drafts: the current draft.' })
  current: CurrentDraft | null;

  @Field(() => String, { nullable: true, description: 'For releases: the hash of the current plan.' })
  planHash: string | null;

  @Field(() => [WinningRelease], { description: 'For releases: what landed since the plan was made, newest first.' })
  wonBy: WinningRelease[];

  static ofDraft(message: string, current: { kind: KindName; lockVersion: number; body: string }): StaleProblem {
    const draft = Object.assign(new CurrentDraft(), {
      lockVersion: current.lockVersion,
      kind: current.kind,
      stored: current.body,
    });
    return Object.assign(new StaleProblem(), { code: 'STALE', message, current: draft, planHash: null, wonBy: [] });
  }

  static ofRelease(message: string, planHash: string | null, wonBy: WinningRelease[]): StaleProblem {
    return Object.assign(new StaleProblem(), { code: 'STALE', message, current: null, planHash, wonBy });
  }
}
