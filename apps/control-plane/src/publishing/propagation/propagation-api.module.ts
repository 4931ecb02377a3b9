import { Module } from '@nestjs/common';
import { AccessModule } from '../../access/access.module.js';
import { AuditModule } from '../../audit/audit.module.js';
import { ReleasesModule } from '../../releases/releases.module.js';
import { OutboxModule } from '../outbox.module.js';
import { Queues } from '../queues/queues.js';
import { QueuesResolver } from '../queues/queues.resolver.js';
import { RedisModule } from '../redis.js';
import { ConsumerStream } from './consumer-stream.js';
import { Consumers } from './consumers.js';
import { ConsumersResolver } from './consumers.resolver.js';
import { PropagationLoaders } from './propagation-loaders.js';
import { PropagationResolver } from './propagation.resolver.js';
import { PropagationStream } from './propagation-stream.js';
import { Propagations } from './propagations.js';
import { Watches } from './watches.js';

/** Who has applied what, in the GraphQL API. */
@Module({
  imports: [AccessModule, AuditModule, ReleasesModule, OutboxModule, RedisModule],
  providers: [
    Consumers,
    ConsumerStream,
    ConsumersResolver,
    PropagationLoaders,
    PropagationResolver,
    PropagationStream,
    Propagations,
    Queues,
    QueuesResolver,
    Watches,
  ],
})
export class PropagationApiModule {}
