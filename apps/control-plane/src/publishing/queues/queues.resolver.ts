import {
  Args,
  Context,
  Field,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Parent,
  Query,
  registerEnumType,
  ResolveField,
  Resolver,
  Subscription,
} from '@nestjs/graphql';
import { IsIn } from 'class-validator';
import { QUEUES } from '@paddock/contracts';
import { JsonScalar } from '@paddock/graphql';
import { Access } from '../../access/access.js';
import { EVERYWHERE } from '../../access/ability.js';
import type { Actor } from '../../access/actor.js';
import { CurrentActor } from '../../access/current-actor.js';
import { Requires } from '../../access/policy.js';
import { ConnectionOf, connectionOf } from '../../graphql/connection.js';
import { eventsForReader } from '../../graphql/events-for-reader.js';
import { IsName } from '../../graphql/is-name.js';
import { PageArgs } from '../../graphql/page-args.js';
import { NotFoundProblem } from '../../graphql/problems.js';
import type { RequestScope } from '../../graphql/request-scope.js';
import { resultUnion } from '../../graphql/result-union.js';
import { changesOf } from './queue-stream.js';
import { type DeadJob, QUEUE_NAMES, type QueueDepth, type QueueName, Queues } from './queues.js';

const QueueNameEnum = Object.fromEntries(Object.entries(QUEUES).map(([name, queue]) => [name.toUpperCase(), queue]));
registerEnumType(QueueNameEnum, {
  name: 'QueueName',
  valuesMap: {
    DELIVERIES: { description: 'Releases and settings on their way to consumers.' },
    RECEIPTS: { description: 'Receipts and heartbeats on their way from consumers.' },
  },
});

@ObjectType({ description: 'A job that failed for good. It is kept for seven days and holds up no other job.' })
export class FailedJob {
  @Field(() => ID, { description: 'Names it within its queue.' }) id: string;
  @Field({ description: 'Name of the task.' }) name: string;
  @Field({ description: 'Why it failed the last time.' }) reason: string;
  @Field(() => Int, { description: 'How often it was tried.' }) attempts: number;
  @Field(() => JsonScalar, { description: 'Payload of the task.' }) payload: unknown;
  @Field({ description: 'When it was added.' }) addedAt: Date;
  @Field(() => Date, { nullable: true, description: 'When it failed the last time.' }) failedAt: Date | null;

  static of(job: DeadJob): FailedJob {
    return Object.assign(new FailedJob(), job);
  }
}

@ObjectType({ description: 'A page of failed jobs.' })
export class FailedJobConnection extends ConnectionOf(FailedJob) {
  @Field(() => Int, { description: 'How many jobs of the queue have failed.' }) totalCount: number;
}

@ObjectType({ description: 'How many jobs of a queue are in which state.' })
export class QueueCounts {
  @Field(() => Int, { description: 'Jobs that wait for a worker.' }) waiting: number;
  @Field(() => Int, { description: 'Jobs that a worker runs.' }) active: number;
  @Field(() => Int, { description: 'Jobs that wait for their next attempt.' }) delayed: number;
  @Field(() => Int, { description: 'Jobs that failed for good.' }) failed: number;
}

@ObjectType({ description: 'A queue of jobs.' })
export class Queue {
  @Field(() => QueueNameEnum, { description: 'Its name.' }) name: QueueName;
  @Field(() => QueueCounts, { nullable: true, description: 'Null while Redis cannot be reached.' })
  counts: QueueDepth | null;
}

@InputType()
export class RetryJobInput {
  @Field(() => QueueNameEnum, { description: 'The queue of the job.' }) @IsIn(QUEUE_NAMES) queue: QueueName;
  @Field(() => ID, { description: 'The failed job.' }) @IsName({ max: 200 }) id: string;
}

@InputType()
export class RemoveJobInput {
  @Field(() => QueueNameEnum, { description: 'The queue of the job.' }) @IsIn(QUEUE_NAMES) queue: QueueName;
  @Field(() => ID, { description: 'The failed job.' }) @IsName({ max: 200 }) id: string;
}

const RetryJobResult = resultUnion('RetryJob', [FailedJob, NotFoundProblem]);
const RemoveJobResult = resultUnion('RemoveJob', [FailedJob, NotFoundProblem]);

/** Queues belong to no kind, environment or site: looking at them and changing them takes the grant everywhere. */
@Resolver(() => Queue)
export class QueuesResolver {
  constructor(
    private readonly jobs: Queues,
    private readonly access: Access,
  ) {}

  @Query(() => [Queue], { description: 'The queues of jobs, with how many jobs wait, run and have failed.' })
  @Requires('operations:manage')
  queues(@CurrentActor() actor: Actor): Promise<Queue[]> {
    this.access.authorize(actor, 'operations:manage', EVERYWHERE);
    return this.all();
  }

  @Subscription(() => [Queue], {
    description: 'The queues now, and within a second whenever their counts change.',
    resolve: (queues: Queue[]) => queues,
  })
  @Requires('operations:manage')
  queuesChanged(@CurrentActor() actor: Actor, @Context() scope: RequestScope): AsyncIterableIterator<Queue[]> {
    this.access.authorize(actor, 'operations:manage', EVERYWHERE);
    return eventsForReader(
      changesOf(() => this.all()),
      scope,
      (reader, queues) =>
        Promise.resolve(this.access.may(reader, 'operations:manage', EVERYWHERE) ? queues : undefined),
    );
  }

  private all(): Promise<Queue[]> {
    return Promise.all(
      QUEUE_NAMES.map(async (name) => Object.assign(new Queue(), { name, counts: await this.jobs.depth(name) })),
    );
  }

  @ResolveField(() => FailedJobConnection, {
    nullable: true,
    description: 'The jobs that failed for good, the newest first. Null while Redis cannot be reached.',
  })
  async failedJobs(@Parent() { name, counts }: Queue, @Args() page: PageArgs): Promise<FailedJobConnection | null> {
    const offset = page.numberedPosition ?? 0;
    const jobs = await this.jobs.dead(name, offset, page.limit);
    if (!jobs || !counts) return null;
    const numbered = jobs.map((job, index) => ({ job, next: offset + index + 1 }));
    const connection = connectionOf(
      page,
      numbered,
      ({ job }) => FailedJob.of(job),
      ({ next }) => next,
    );
    return { ...connection, totalCount: counts.failed };
  }

  @Mutation(() => RetryJobResult, { description: 'Lets a failed job run again, with all its attempts.' })
  @Requires('operations:manage')
  async retryJob(@CurrentActor() actor: Actor, @Args('input') { queue, id }: RetryJobInput): Promise<FailedJob> {
    this.access.authorize(actor, 'operations:manage', EVERYWHERE);
    return FailedJob.of(await this.jobs.retry(actor, queue, id));
  }

  @Mutation(() => RemoveJobResult, {
    description: 'Removes a failed job. Its content is in the database, and a later job delivers it.',
  })
  @Requires('operations:manage')
  async removeJob(@CurrentActor() actor: Actor, @Args('input') { queue, id }: RemoveJobInput): Promise<FailedJob> {
    this.access.authorize(actor, 'operations:manage', EVERYWHERE);
    return FailedJob.of(await this.jobs.remove(actor, queue, id));
  }
}
