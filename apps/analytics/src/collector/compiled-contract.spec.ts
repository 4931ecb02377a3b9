import { expect, test } from '@jest/globals';
import { contract } from '../testing/test-analytics.js';
import { CompiledContract } from './compiled-contract.js';

test('a pattern that JavaScript’s own engine would take years for is matched at once', () => {
  const schema = { type: 'object', required: ['id', 'at'], properties: { id: { type: 'string' }, at: { type: 'string', format: 'date-time' }, user: { type: 'string', pattern: '^(a+)+$' } } };
  const body = contract('visit', { user: 'string' }, { versions: [{ version: '1.0.0', schema }] });
  const [version] = body.versions;
  if (!version) throw new Error('the contract has no version');
  const compiled = new CompiledContract(body, version);
  const reception = { receivedAt: Date.now(), producer: 'web', bot: false, skewMs: 0 };
  const event = (user: string) => ({ event: 'visit', id: '1', at: new Date().toISOString(), user });
  expect(compiled.accept(event('a'.repeat(60)), reception)).toMatchObject({ time: expect.any(Number) });
  expect(compiled.accept(event(`${'a'.repeat(60)}!`), reception)).toMatchObject({ code: 'CONTRACT_VIOLATION', field: 'user' });
});
