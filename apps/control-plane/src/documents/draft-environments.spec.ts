import { describe, expect, it } from 'vitest';
import type { Actor, Grant } from '../access/actor.js';
import { environmentsOfAuthor, mayBeReleasedIn, mayReplace } from './draft-environments.js';

const grant = (role: Grant['role'], where: Partial<Grant> = {}): Grant => ({
  kind: '*',
  environment: '*',
  site: '*',
  ...where,
  role,
});
const actor = (...grants: Grant[]): Actor => ({ id: 'u1', type: 'USER', name: 'ada@example.com', grants });
const PROMO = { kind: 'promo', site: 'acme-uk' };
const EXISTING = ['production', 'staging'];

describe('the environments of a draft', () => {
  it.each<[string, Grant[], string]>([
    ['an editor of everything', [grant('EDITOR')], '*'],
    ['a publisher of one environment', [grant('PUBLISHER', { environment: 'staging' })], 'staging'],
    [
      'an editor of two',
      [grant('EDITOR', { environment: 'staging' }), grant('ADMIN', { environment: 'production' })],
      'production,staging',
    ],
    ['an editor of one who reads the other', [grant('EDITOR', { environment: 'staging' }), grant('VIEWER')], 'staging'],
    [
      'an editor of another kind elsewhere',
      [grant('EDITOR', { environment: 'staging' }), grant('EDITOR', { kind: 'layout' })],
      'staging',
    ],
    [
      'an editor of another site elsewhere',
      [grant('EDITOR', { environment: 'staging' }), grant('EDITOR', { site: 'acme-ie' })],
      'staging',
    ],
  ])('%s saves it for %#', (_, grants, expected) => {
    expect(environmentsOfAuthor(actor(...grants), PROMO)).toBe(expected);
  });

  it.each<[string, string, boolean]>([
    ['*', 'production', true],
    ['staging', 'staging', true],
    ['staging', 'production', false],
    ['pre-production,staging', 'production', false],
    ['production,staging', 'production', true],
  ])('%j may be released in %s: %s', (draft, environment, expected) => {
    expect(mayBeReleasedIn(draft, environment)).toBe(expected);
  });

  it.each<[string, Grant[], string, boolean]>([
    ['everything', [grant('EDITOR')], '*', true],
    ['staging alone', [grant('PUBLISHER', { environment: 'staging' })], '*', false],
    ['staging alone', [grant('PUBLISHER', { environment: 'staging' })], 'staging', true],
    ['staging alone', [grant('PUBLISHER', { environment: 'staging' })], 'production,staging', false],
    [
      'each environment by name',
      [grant('EDITOR', { environment: 'staging' }), grant('EDITOR', { environment: 'production' })],
      '*',
      true,
    ],
    ['staging alone', [grant('PUBLISHER', { environment: 'staging' })], 'removed-environment,staging', true],
  ])('who writes in %s may replace the draft of %#', (_, grants, draft, expected) => {
    expect(mayReplace(actor(...grants), PROMO, draft, EXISTING)).toBe(expected);
  });
});
