import { ArgsType, Field, Int, ObjectType } from '@nestjs/graphql';
import { ConnectionOf } from '../../graphql/connection.js';
import { IsName } from '../../graphql/is-name.js';
import { PageArgs } from '../../graphql/page-args.js';

@ObjectType({ description: 'A running member of a class of receivers, as long as it renews its lease.' })
export class ConsumerInstance {
  @Field({ description: 'The class of receivers: `edge`.' }) consumer: string;
  @Field() instance: string;
  @Field() environment: string;
  @Field({ description: 'Its lease has not ended.' }) alive: boolean;
  @Field(() => Int, { description: 'The newest release that it proved to have applied.' }) appliedSeq: number;
  @Field({
    description: 'It holds exactly what the database says of that release, by the fingerprint that it reported.',
  })
  inSync: boolean;
  @Field({ description: 'By the instance’s clock.' }) startedAt: Date;
  @Field() seenAt: Date;
  @Field() leaseExpiresAt: Date;
}

@ObjectType()
export class ConsumerInstanceConnection extends ConnectionOf(ConsumerInstance) {}

@ArgsType()
export class ConsumersArgs extends PageArgs {
  @Field()
  @IsName({ max: 40 })
  environment: string;
}
