import { describe, expect, it } from 'vitest';
import { sha256Hex } from '@paddock/contracts';
import { ApiKeys, parseCallers } from './api-keys.js';

const callers = parseCallers(
  { readers: `board=${sha256Hex('r')}`, operators: ` ops = ${sha256Hex('o').toUpperCase()}` },
  'shared',
);

describe('keys', () => {
  it.each([
    ['r', 'read', false, 'board'],
    ['r', 'operate', false, 'FORBIDDEN'],
    ['o', 'operate', false, 'ops'],
    ['o', 'read', false, 'ops'],
    ['shared', 'operate', false, 'control-plane'],
    ['', 'read', false, 'UNAUTHENTICATED'],
    ['guess', 'read', false, 'TOKEN_INVALID'],
    ['x'.repeat(500), 'read', false, 'TOKEN_INVALID'],
    ['', 'read', true, 'anonymous'],
    ['guess', 'read', true, 'anonymous'],
    ['', 'operate', true, 'UNAUTHENTICATED'],
    ['r', 'operate', true, 'FORBIDDEN'],
    ['guess', 'operate', true, 'TOKEN_INVALID'],
  ] as const)('%j for %s, open reads %s: %s', (key, scope, open, expected) => {
    const admitted = new ApiKeys(callers, open).admit(key, scope);
    expect('code' in admitted ? admitted.code : admitted.name).toBe(expected);
  });
});
