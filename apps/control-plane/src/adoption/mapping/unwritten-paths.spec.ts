import { describe, expect, it } from 'vitest';
import type { AdoptionField } from '@paddock/contracts';
import { unwrittenPaths } from './unwritten-paths.js';

const field = (name: string, more: Partial<AdoptionField> = {}): AdoptionField => ({
  field: name,
  column: name,
  transform: { type: 'TEXT' },
  ...more,
});

describe('unwrittenPaths', () => {
  const mapping = {
    fields: [
      field('title'),
      field('cta.href'),
      field('tags'),
      field('text', { readOnly: true }),
      field('shown'),
      field('schedule.from', { transform: { type: 'LOCAL_TIME', timeZone: 'UTC' } }),
    ],
    fixed: [{ field: 'cta.label', value: 'More' }],
  };

  it('names what changes and has no written column', () => {
    const live = { title: 'Old', text: 'a' };
    expect(unwrittenPaths(mapping, live, { ...live, title: 'New', subtitle: 'x', text: 'b' })).toEqual([
      'subtitle',
      'text',
    ]);
    expect(unwrittenPaths(mapping, live, { ...live, audience: { devices: ['mobile'], percentage: 0 } })).toEqual([
      'audience.devices',
    ]);
  });

  it.each<[string, object]>([
    [
      'written columns',
      {
        title: 'New',
        cta: { href: '/x', label: 'More' },
        tags: ['a'],
        audience: { percentage: 0 },
        schedule: { from: '2026-01-01T00:00', timeZone: 'UTC' },
      },
    ],
    ['what stays as it is', { title: 'Old', badge: 'New' }],
  ])('says nothing of %s', (_, next) => {
    expect(unwrittenPaths(mapping, { title: 'Old', badge: 'New' }, { badge: 'New', ...next })).toEqual([]);
  });

  it('names the paths that a release removes', () => {
    expect(unwrittenPaths(mapping, { title: 'Old', badge: 'New' }, { title: 'Old' })).toEqual(['badge']);
  });
});
