import { redisPrefix } from '@paddock/testing';
import { eventLogContract } from '../event-log.contract.js';
import { connectRedisEventLog } from './redis-event-log.js';

eventLogContract('the event log on Redis Streams', async () => {
  const place = redisPrefix();
  return Promise.resolve({
    connect: () => connectRedisEventLog({ ...place, onError: () => undefined }),
    dispose: () => place.clear(),
  });
});
