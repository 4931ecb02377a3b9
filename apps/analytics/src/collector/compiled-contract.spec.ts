import { expect, test } from 'vitest';
import { contract } from '../testing/test-analytics.js';
import { CompiledContract } from './compiled-contract.js';

test('a pattern that JavaScript’s own engine would take years for is matched at once', () => {
  const schema = {
    type: 'object',
    required: ['id', 'at'],
    properties: {
      id: { type: 'string' },
      at: { type: 'string', format: 'date-time' },
      user: { type: 'string', pattern: '^(a+)+$' },
    },
  };
  const body = contract('visit', { user: 'string' }, { versions: [{ version: '1.0.0', schema }] });
  const [version] = body.versions;
  if (!version) throw new Error('the contract has no version');
  const compiled = new CompiledContract(body, version);
  const reception = { receivedAt: Date.now(), producer: 'web', bot: false, skewMs: 0 };
  const event = (user: string) => ({ event: 'visit', id: '1', at: new Date().toISOString(), user });
  expect(compiled.accept(event('a'.repeat(60)), reception)).toMatchObject({ time: expect.any(Number) });
  expect(compiled.accept(event(`${'a'.repeat(60)}!`), reception)).toMatchObject({
    code: 'CONTRACT_VIOLATION',
    field: 'user',
  });
});

test('an empty id counts as missing: refused where the contract requires it, anonymous elsewhere', () => {
  const time = { type: 'string', format: 'date-time' };
  const compile = (required: string[]) => {
    const schema = {
      type: 'object',
      required: ['id', 'at', ...required],
      properties: { id: { type: 'string' }, at: time, user: { type: 'string' }, visitor: { type: 'string' } },
    };
    const body = contract(
      'visit',
      {},
      {
        versions: [{ version: '1.0.0', schema }],
        fields: { id: 'id', time: 'at', user: 'user', anonymous: 'visitor' },
      },
    );
    const [version] = body.versions;
    if (!version) throw new Error('the contract has no version');
    return new CompiledContract(body, version);
  };
  const reception = { receivedAt: Date.now(), producer: 'web', bot: false, skewMs: 0 };
  const event = (more: object) => ({ event: 'visit', id: '1', at: new Date().toISOString(), ...more });
  expect(compile([]).accept(event({ user: '', visitor: '' }), reception)).toMatchObject({ identity: {} });
  expect(compile([]).accept(event({ user: '', visitor: 'v' }), reception)).toMatchObject({ identity: {} });
  expect(compile([]).accept(event({ user: 'u', visitor: 'v' }), reception)).toMatchObject({
    identity: { user: 'u', anonymous: 'v' },
  });
  expect(compile(['user']).accept(event({ user: '' }), reception)).toEqual({
    code: 'ID_MISSING',
    message: 'must not be empty',
    field: 'user',
  });
  expect(compile(['visitor']).accept(event({ visitor: '' }), reception)).toEqual({
    code: 'ID_MISSING',
    message: 'must not be empty',
    field: 'visitor',
  });
  expect(compile([]).accept(event({ id: '' }), reception)).toMatchObject({ code: 'ID_MISSING', field: 'id' });
});
