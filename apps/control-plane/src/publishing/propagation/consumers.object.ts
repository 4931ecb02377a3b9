import { IsBoolean, IsOptional } from 'class-validator';
import { ArgsType, Field, Int, ObjectType } from '@nestjs/graphql';
import { CountedConnectionOf } from '../../graphql/connection.js';
import { IsName } from '../../graphql/is-name.js';
import { ListArgs } from '../../graphql/lists/list-args.js';
import { type Order, OrderBy, orderInput } from '../../graphql/lists/order.js';
import { CONSUMER_ORDER, type ConsumerOrderField } from './consumer-order.js';

@ObjectType({ description: 'A running member of a class of receivers, as long as it renews its lease.' })
export class ConsumerInstance {
  @Field({ description: 'The class of receivers: `edge`.' }) consumer: string;
  @Field({ description: 'The name of the running member.' }) instance: string;
  @Field({ description: 'The environment that it receives.' }) environment: string;
  @Field({ description: 'Its lease has not ended.' }) alive: boolean;
  @Field(() => Int, { description: 'The newest release that it proved to have applied.' }) appliedSeq: number;
  @Field({
    description: 'Its reported fingerprint equals the one of that release in the database.',
  })
  inSync: boolean;
  @Field({ description: 'By the instance’s clock.' }) startedAt: Date;
  @Field({ description: 'When it was heard of last.' }) seenAt: Date;
  @Field({ description: 'It counts as alive until then.' }) leaseExpiresAt: Date;
  @Field(() => String, {
    nullable: true,
    description: 'The machine that it runs on; null for consumers that do not say.',
  })
  host: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'The version of the software that it runs; null for consumers that do not say.',
  })
  version: string | null;
}

const ConsumerOrder = orderInput('Consumer', CONSUMER_ORDER);

@ObjectType({ description: 'A page of instances.' })
export class ConsumerInstanceConnection extends CountedConnectionOf(ConsumerInstance) {}

@ArgsType()
export class ConsumersArgs extends ListArgs {
  @Field({ description: 'The environment that they receive.' })
  @IsName({ max: 40 })
  environment: string;

  @Field(() => String, { nullable: true, description: 'Instances of this class of receivers.' })
  @IsOptional()
  @IsName({ max: 60 })
  consumer?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'True: instances with a valid lease. False: instances whose lease has ended.',
  })
  @IsOptional()
  @IsBoolean()
  alive?: boolean | null;

  @OrderBy(ConsumerOrder, 'by name')
  orderBy?: Order<ConsumerOrderField>[] | null;
}
