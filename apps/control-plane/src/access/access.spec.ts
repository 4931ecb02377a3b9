import { describe, expect, it } from 'vitest';
import type { Role } from './access.entity.js';
import { Access } from './access.js';
import { contains, EVERYWHERE, type Scope } from './ability.js';
import { type Action, ACTIONS, ACTIONS_OF_ROLE } from './actions.js';
import type { Actor, Grant } from './actor.js';

const grant = (role: Role, where: Partial<Grant> = {}): Grant => ({
  kind: '*',
  environment: '*',
  site: '*',
  ...where,
  role,
});
const actor = (...grants: Grant[]): Actor => ({ id: 'u1', type: 'USER', name: 'ada@example.com', grants });

describe('what may be done', () => {
  const access = new Access();

  it.each<[Role, Action[], Action[]]>([
    [
      'VIEWER',
      ['document:read', 'release:read'],
      ['document:write', 'release:create', 'release:publish', 'settings:manage', 'activity:read'],
    ],
    [
      'EDITOR',
      ['document:read', 'document:write', 'release:create', 'activity:read'],
      ['release:publish', 'release:promote', 'audit:read'],
    ],
    [
      'PUBLISHER',
      ['document:write', 'release:publish', 'release:promote'],
      ['settings:manage', 'access:manage', 'audit:read'],
    ],
    ['ADMIN', [...ACTIONS], []],
  ])('%s', (role, may, mayNot) => {
    const somebody = actor(grant(role));
    for (const action of may) expect(access.may(somebody, action, EVERYWHERE)).toBe(true);
    for (const action of mayNot) expect(access.may(somebody, action)).toBe(false);
  });

  it('each role includes the ones before it', () => {
    const { VIEWER, EDITOR, PUBLISHER, ADMIN } = ACTIONS_OF_ROLE;
    expect(EDITOR).toEqual(expect.arrayContaining([...VIEWER]));
    expect(PUBLISHER).toEqual(expect.arrayContaining([...EDITOR]));
    expect(ADMIN).toEqual(expect.arrayContaining([...PUBLISHER]));
  });

  it.each<[Partial<Grant>, Scope | undefined, boolean]>([
    [{}, { environment: 'production' }, true],
    [{}, EVERYWHERE, true],
    [{ environment: 'staging' }, { environment: 'staging' }, true],
    [{ environment: 'staging' }, { environment: 'production' }, false],
    [{ environment: 'staging' }, EVERYWHERE, false],
    [{ environment: 'staging' }, undefined, true],
    [{ site: 'acme-uk' }, { site: 'acme-uk', environment: 'production' }, true],
    // A document for all sites concerns each of them.
    [{ site: 'acme-uk' }, { site: '*' }, false],
    [{ kind: 'promo' }, { kind: 'promo', site: '*' }, true],
    [{ kind: 'promo' }, { kind: 'layout' }, false],
  ])('a grant over %j, asked about %j: %s', (where, scope, expected) => {
    expect(access.may(actor(grant('PUBLISHER', where)), 'release:publish', scope)).toBe(expected);
  });

  it('does not add up halves of two grants', () => {
    const somebody = actor(
      grant('PUBLISHER', { environment: 'staging' }),
      grant('VIEWER', { environment: 'production' }),
    );
    expect(access.may(somebody, 'release:publish', { environment: 'production' })).toBe(false);
  });

  it('names the missing grant', () => {
    const somebody = actor(grant('EDITOR'));
    expect(() => access.authorize(somebody, 'release:publish', { environment: 'production', site: '*' })).toThrow(
      'ada@example.com lacks the grant for release:publish for environment production, all sites: it takes the role PUBLISHER or more',
    );
  });
});

describe('a grant within others', () => {
  it.each<[Grant[], Grant, boolean]>([
    [[grant('ADMIN')], grant('PUBLISHER', { environment: 'production' }), true],
    [
      [grant('PUBLISHER', { environment: 'production' })],
      grant('EDITOR', { environment: 'production', site: 'acme-uk' }),
      true,
    ],
    [[grant('PUBLISHER', { environment: 'production' })], grant('ADMIN', { environment: 'production' }), false],
    [[grant('PUBLISHER', { environment: 'production' })], grant('EDITOR'), false],
    [[grant('PUBLISHER', { environment: 'staging' }), grant('VIEWER')], grant('PUBLISHER'), false],
    [[], grant('VIEWER'), false],
  ])('%j contains %j: %s', (outer, inner, expected) => {
    expect(contains(outer, inner)).toBe(expected);
  });
});
