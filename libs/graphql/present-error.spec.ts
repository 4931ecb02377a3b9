import { PassThrough } from 'node:stream';
import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createLogger, withRequestContext } from '@paddock/runtime';
import { presentError } from './present-error.js';

class Mistake extends Error {}

function present(error: GraphQLError) {
  const lines = new PassThrough();
  const logger = createLogger('test', 'debug', lines);
  const shown = withRequestContext({ requestId: 'r1' }, () =>
    presentError(
      {
        logger,
        explain: (cause) =>
          cause instanceof Mistake ? { message: 'explained', extensions: { code: 'MISTAKE' } } : undefined,
      },
      error.toJSON(),
      error,
    ),
  );
  const log: unknown = JSON.parse(String(lines.read() ?? 'null'));
  return { shown, log };
}

const wrapped = (originalError: Error) => new GraphQLError('outer', { originalError, path: ['field', 0] });

describe('an error as callers see it', () => {
  it('keeps back the message of what only a programmer can correct, and logs it', () => {
    const { shown, log } = present(wrapped(new Error('SELECT secret FROM vault')));
    expect(shown).toEqual({
      message: 'something went wrong here; the request id finds it in the logs',
      path: ['field', 0],
      extensions: { code: 'INTERNAL', requestId: 'r1' },
    });
    expect(log).toMatchObject({ level: 'error', requestId: 'r1', err: { message: 'SELECT secret FROM vault' } });
  });

  it.each(['ECONNREFUSED', 'ER_SERVER_SHUTDOWN', 'ER_CON_COUNT_ERROR'])(
    'tells to try again where a server behind this one is unavailable: %s',
    (code) => {
      const { shown, log } = present(wrapped(Object.assign(new Error('10.0.0.1:3306'), { code })));
      expect(shown.extensions).toEqual({ code: 'UNAVAILABLE', requestId: 'r1' });
      expect(JSON.stringify(shown)).not.toContain('10.0.0.1');
      expect(log).toMatchObject({ level: 'warn' });
    },
  );

  it('asks the app for its own errors, below every layer', () => {
    const { shown, log } = present(new GraphQLError('outer', { originalError: wrapped(new Mistake()) }));
    expect(shown).toEqual({ message: 'explained', extensions: { code: 'MISTAKE', requestId: 'r1' } });
    expect(log).toBeNull();
  });

  it('leaves out what only this process needs, and calls codes by our names', () => {
    const extensions = {
      code: 'OPERATION_RESOLUTION_FAILURE',
      http: { status: 400 },
      stacktrace: ['at x'],
      originalError: {},
      limit: 3,
    };
    const { shown } = present(new GraphQLError('which operation?', { extensions }));
    expect(shown).toEqual({
      message: 'which operation?',
      extensions: { code: 'BAD_REQUEST', limit: 3, requestId: 'r1' },
    });
  });

  it('shows the finer code beside that of Apollo', () => {
    const extensions = { code: 'GRAPHQL_VALIDATION_FAILED', validationErrorCode: 'QUERY_TOO_COMPLEX' };
    expect(present(new GraphQLError('too much', { extensions })).shown.extensions).toEqual({
      code: 'QUERY_TOO_COMPLEX',
      requestId: 'r1',
    });
  });
});
