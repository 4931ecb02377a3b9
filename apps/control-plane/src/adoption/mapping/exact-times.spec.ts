import { describe, expect, it } from 'vitest';
import type { AdoptionField, Json } from '@paddock/contracts';
import { scheduleInstants } from '@paddock/audience';
import { promoKind } from '../../kinds/promo/promo.kind.js';
import { candidates } from '../import/candidates.js';
import { compileMapping, type CompiledMapping, type Row } from './compiled-mapping.js';
import { bodyOfRow, mapRow } from './map-row.js';
import { column, table } from './table-fixture.js';
import { unmapBody } from './unmap-body.js';

const TABLE = table('offers', [
  column('id', 'int(11)'),
  column('title', 'varchar(50)'),
  column('stamp', 'timestamp', { nullable: true }),
  column('seconds', 'int(11)', { nullable: true }),
  column('wall', 'datetime', { nullable: true }),
]);
const time = (name: string, of: string, timeZone = 'Europe/London'): AdoptionField => ({
  field: name,
  column: of,
  transform: { type: of === 'seconds' ? 'UNIX_TIME' : 'LOCAL_TIME', timeZone },
});

function compiled(...fields: AdoptionField[]): CompiledMapping {
  const title: AdoptionField = { field: 'title', column: 'title', transform: { type: 'TEXT' } };
  const result = compileMapping(
    {
      name: 'Offers',
      source: 's',
      environment: 'e',
      mode: 'WRITE_BACK',
      table: 'offers',
      key: ['id'],
      documents: { kind: 'promo', keyPrefix: 'offer-' },
      fields: [title, ...fields],
    },
    [TABLE],
  );
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('; '));
  return result.mapping;
}

const row = (mapping: CompiledMapping, cells: Record<string, string>): Row =>
  mapping.columns.map(({ ref }) => Buffer.from({ id: '1', title: 'T', ...cells }[ref] ?? ''));
const cells = (mapping: CompiledMapping, schedule: { [name: string]: Json }, present?: Row) => {
  const found = unmapBody({ title: 'T', schedule }, mapping, present);
  return {
    ...Object.fromEntries([...found.cells].map(([{ ref }, cell]) => [ref, cell?.toString() ?? null])),
    problems: found.problems.map(({ column: name }) => name),
  };
};
const seconds = (iso: string) => String(Date.parse(iso) / 1000);

// On 25 October 2026 the clocks of London show 01:30 twice: at 00:30 and at 01:30 UTC. On 29 March there is no 01:30.
describe('a time on the day on which clocks change', () => {
  it.each([
    ['the first 01:30', '2026-10-25 00:30:00', { from: '2026-10-25T01:30:00', timeZone: 'Europe/London' }],
    ['the second 01:30', '2026-10-25 01:30:00', { from: '2026-10-25T01:30:00', timeZone: 'UTC' }],
    ['01:30 of summer', '2026-07-01 00:30:00', { from: '2026-07-01T01:30:00', timeZone: 'Europe/London' }],
    ['an hour that a zone skips', '2026-03-29 01:00:00', { from: '2026-03-29T02:00:00', timeZone: 'Europe/London' }],
  ])('of a TIMESTAMP, or of seconds, is the moment that it is: %s', (_, utc, schedule) => {
    for (const [of, cell] of [
      ['stamp', utc],
      ['seconds', seconds(`${utc.replace(' ', 'T')}Z`)],
    ] as const) {
      const mapping = compiled(time('schedule.from', of));
      const present = row(mapping, { [of]: cell });
      const body = bodyOfRow(mapRow(present, mapping), mapping) as { schedule: { from: string; timeZone: string } };
      expect(body.schedule).toEqual(schedule);
      expect(new Date(scheduleInstants(body.schedule).from).toISOString()).toBe(`${utc.replace(' ', 'T')}.000Z`);
      expect(cells(mapping, body.schedule, present)).toMatchObject({ [of]: cell, problems: [] });
      expect(cells(mapping, body.schedule)).toMatchObject({ [of]: cell, problems: [] });
    }
  });

  it.each([
    ['in its own zone it is the first', { from: '2026-10-25T01:30', timeZone: 'Europe/London' }, '2026-10-25 00:30:00'],
    ['in UTC it is what it says', { from: '2026-10-25T01:30', timeZone: 'UTC' }, '2026-10-25 01:30:00'],
    ['in another zone too', { from: '2026-10-25T02:30', timeZone: 'Europe/Berlin' }, '2026-10-25 00:30:00'],
  ])('is written into a TIMESTAMP as the edge shows it: %s', (_, schedule, written) => {
    expect(
      cells(
        compiled(time('schedule.from', 'stamp')),
        schedule,
        row(compiled(time('schedule.from', 'stamp')), { stamp: '2026-01-01 00:00:00' }),
      ),
    ).toMatchObject({ stamp: written, problems: [] });
  });

  it('of a DATETIME is what the clocks show, and is refused where they show it twice and the other one is meant', () => {
    const mapping = compiled(time('schedule.from', 'wall'));
    const present = row(mapping, { wall: '2026-10-25 01:30:00' });
    expect(bodyOfRow(mapRow(present, mapping), mapping)).toMatchObject({
      schedule: { from: '2026-10-25T01:30:00', timeZone: 'Europe/London' },
    });
    expect(cells(mapping, { from: '2026-10-25T00:30', timeZone: 'UTC' })).toMatchObject({
      wall: '2026-10-25 01:30:00',
      problems: [],
    });
    expect(cells(mapping, { from: '2026-10-25T01:30', timeZone: 'UTC' })).toMatchObject({ problems: ['wall'] });
  });

  it('of a DATETIME that no clock shows is named', () => {
    const mapping = compiled(time('schedule.from', 'wall'));
    const [made] = candidates([row(mapping, { wall: '2026-03-29 01:30:00' })], mapping, promoKind);
    expect(made?.problems).toEqual([
      {
        column: 'wall',
        value: '2026-03-29 01:30:00',
        code: 'DST_GAP',
        why: expect.stringContaining('2026-03-29T01:00:00 to 2026-03-29T02:00:00'),
      },
    ]);
  });

  it('takes the other end of its schedule along into UTC, and both come back', () => {
    const mapping = compiled(time('schedule.from', 'wall'), time('schedule.to', 'stamp'));
    const present = row(mapping, { wall: '2026-10-01 09:00:00', stamp: '2026-10-25 01:30:00' });
    const { schedule } = bodyOfRow(mapRow(present, mapping), mapping) as { schedule: { [name: string]: Json } };
    expect(schedule).toEqual({ from: '2026-10-01T08:00:00', to: '2026-10-25T01:30:00', timeZone: 'UTC' });
    expect(cells(mapping, schedule)).toMatchObject({
      wall: '2026-10-01 09:00:00',
      stamp: '2026-10-25 01:30:00',
      problems: [],
    });
  });

  it('keeps two ends apart that have clocks of their own', () => {
    const mapping = compiled(
      time('schedule.from', 'wall', 'Europe/London'),
      time('schedule.to', 'seconds', 'Europe/Berlin'),
    );
    const { schedule } = bodyOfRow(
      mapRow(row(mapping, { wall: '2026-07-01 09:00:00', seconds: seconds('2026-07-02T08:00:00Z') }), mapping),
      mapping,
    ) as { schedule: unknown };
    expect(schedule).toEqual({ from: '2026-07-01T08:00:00', to: '2026-07-02T08:00:00', timeZone: 'UTC' });
  });
});
