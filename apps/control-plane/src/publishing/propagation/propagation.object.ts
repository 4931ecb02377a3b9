import { Field, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { type InstanceState as InstanceStateName, type PropagationState, summarize } from './propagation.js';

export const InstanceState = {
  APPLIED: 'APPLIED',
  REJECTED: 'REJECTED',
  SKIPPED: 'SKIPPED',
  PENDING: 'PENDING',
  STALE: 'STALE',
} as const satisfies Record<InstanceStateName, InstanceStateName>;
registerEnumType(InstanceState, {
  name: 'ReceiptState',
  valuesMap: {
    APPLIED: { description: 'It serves the release, or a later one.' },
    REJECTED: {
      description:
        'It refuses the release, or the documents of it that `error` names; of these the last good versions hold on.',
    },
    SKIPPED: { description: 'Nothing in the release concerns it.' },
    PENDING: { description: 'It is alive and has not reported yet.' },
    STALE: { description: 'It was alive when the release landed and fell silent; its lease has ended.' },
  },
});

@ObjectType({ description: 'The state of a release on one instance.' })
export class PropagationReceipt {
  @Field({ description: 'The class of receivers: `edge`.' }) consumer: string;
  @Field({ description: 'The name of the instance.' }) instance: string;
  @Field(() => InstanceState, { description: 'The state of the release on the instance.' }) state: InstanceStateName;
  @Field(() => Int, {
    nullable: true,
    description: 'Milliseconds from the landing until it was applied, by the instance’s clock; none without a receipt.',
  })
  ms: number | null;
  @Field(() => String, {
    nullable: true,
    description: 'Why it was rejected; of APPLIED, which documents the instance left out, and why.',
  })
  error: string | null;
}

@ObjectType({ description: 'How far a landed release got: published and applied are different facts.' })
export class Propagation {
  @Field(() => Int, { description: 'The seq that instances must reach.' }) desiredSeq: number;
  @Field(() => Int, { description: 'How many instances serve the release or a later one.' }) applied: number;
  @Field(() => Int, { description: 'How many instances refused it.' }) rejected: number;
  @Field(() => Int, { description: 'How many instances have no use for it.' }) skipped: number;
  @Field(() => Int, { description: 'Alive and silent so far.' }) pending: number;
  @Field(() => Int, { description: 'Instances that fell silent; they do not count as outstanding.' }) stale: number;
  @Field(() => Int, {
    nullable: true,
    description: '95th percentile of the delays; instances that started after the landing do not count.',
  })
  p95Ms: number | null;
  @Field({ description: 'For people: `release 42: applied by 3 of 3 edges, p95 31 ms`' }) summary: string;
  @Field(() => [PropagationReceipt], { description: 'By consumer and instance.' }) receipts: PropagationReceipt[];

  static of(state: PropagationState): Propagation {
    const receipts = state.receipts.map((receipt) => Object.assign(new PropagationReceipt(), receipt));
    return Object.assign(new Propagation(), state, { summary: summarize(state), receipts });
  }
}
