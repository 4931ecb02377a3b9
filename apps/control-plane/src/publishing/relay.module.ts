import { Module } from '@nestjs/common';
import { OutboxModule } from './outbox.module.js';
import { RedisModule } from './redis.js';
import { Relay } from './relay.js';
import { WakeRelay } from './wake-relay.js';

/** For every process that lands releases: it relays its own commits at once. */
@Module({
  imports: [OutboxModule, RedisModule],
  providers: [Relay, WakeRelay],
  exports: [Relay],
})
export class RelayModule {}
