import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createLogger } from './logger.js';
import { isUnreachable } from './unreachable.js';

const OFFLINE = "Stream isn't writeable and enableOfflineQueue options is false";

/** What a log line says of an error. */
function logged(err: unknown): { err: { message: string; stack?: string; code?: string } } {
  const lines = new PassThrough();
  createLogger('test', 'info', lines).warn({ err }, 'failing');
  return JSON.parse(String(lines.read()));
}

describe('a server that cannot be reached', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6379'), { code: 'ECONNREFUSED' });

  test.each([
    ['refused', refused, 'connect ECONNREFUSED 127.0.0.1:6379'],
    ['ioredis while it is not connected', new Error(OFFLINE), 'Redis is not connected'],
    [
      'ioredis when the connection broke',
      new Error(
        'Reached the max retries per request limit (which is 0). Refer to "maxRetriesPerRequest" option for details.',
      ),
      'the connection to Redis broke',
    ],
    [
      'wrapped',
      new Error(`the log cannot be reached: ${OFFLINE}`, { cause: new Error(OFFLINE) }),
      'the log cannot be reached: Redis is not connected',
    ],
  ])('%s: one clear line without a stack', (_, error, message) => {
    expect(isUnreachable(error)).toBe(true);
    expect(logged(error).err.message).toBe(message);
    expect(logged(error).err.stack).toBeUndefined();
  });

  test('anything else keeps its stack', () => {
    const error = new TypeError('x is not a function');
    expect(isUnreachable(error)).toBe(false);
    expect(logged(error).err).toMatchObject({
      message: 'x is not a function',
      stack: expect.stringContaining('TypeError'),
    });
  });
});
