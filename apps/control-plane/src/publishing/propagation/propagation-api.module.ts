import { Module } from '@nestjs/common';
import { AccessModule } from '../../access/access.module.js';
import { ReleasesModule } from '../../releases/releases.module.js';
import { OutboxModule } from '../outbox.module.js';
import { Consumers } from './consumers.js';
import { ConsumersResolver } from './consumers.resolver.js';
import { PropagationLoaders } from './propagation-loaders.js';
import { PropagationResolver } from './propagation.resolver.js';
import { PropagationStream } from './propagation-stream.js';
import { Propagations } from './propagations.js';
import { Watches } from './watches.js';

/** Who has applied what, in the GraphQL API. */
@Module({
  imports: [AccessModule, ReleasesModule, OutboxModule],
  providers: [
    Consumers,
    ConsumersResolver,
    PropagationLoaders,
    PropagationResolver,
    PropagationStream,
    Propagations,
    Watches,
  ],
})
export class PropagationApiModule {}
