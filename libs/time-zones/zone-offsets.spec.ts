import { expect, test } from 'vitest';
import { IANAZone } from 'luxon';
import { fc } from '@paddock/testing';
import { ZoneOffsets } from './zone-offsets.js';

test('are those that Intl says, at any moment, on days of a change too', () => {
  const zone = fc.constantFrom(
    'Europe/London',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'Pacific/Apia',
    'Africa/Casablanca',
    'UTC',
  );
  const instant = fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2050, 0) });
  // Clocks change in these hours.
  const change = fc
    .constantFrom(
      Date.UTC(2026, 2, 29, 1),
      Date.UTC(2026, 9, 25, 1),
      Date.UTC(2026, 2, 8, 7),
      Date.UTC(2026, 3, 4, 15),
      Date.UTC(2011, 11, 30, 10),
    )
    .chain((at) => fc.integer({ min: at - 7_200_000, max: at + 7_200_000 }));
  fc.assert(
    fc.property(zone, fc.array(fc.oneof(instant, change), { minLength: 1, maxLength: 20 }), (name, instants) => {
      for (const at of instants)
        expect([name, at, ZoneOffsets.of(name).at(at)]).toEqual([name, at, IANAZone.create(name).offset(at) * 60_000]);
    }),
    { numRuns: 500 },
  );
});
