import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EventSchemaBody, EventVersion } from '@paddock/metrics';
import { describeWithData } from '@paddock/testing';
import { changeProblems } from './event-schema-change.js';
import { eventSchemaKind } from './event-schema.kind.js';

const FIELDS = { id: { type: 'string' }, at: { type: 'string', format: 'date-time' } };
const version = (number: string, properties: EventVersion['schema'] = {}): EventVersion => ({
  version: number,
  schema: { type: 'object', required: ['id', 'at'], properties: { ...FIELDS, ...properties } },
});
const body = (versions: EventVersion[], more: Partial<EventSchemaBody> = {}): EventSchemaBody => ({
  event: 'bet',
  fields: { id: 'id', time: 'at' },
  versions,
  ...more,
});
const withUser = (user: string) => ({ fields: { id: 'id', time: 'at', user } });

describe('a change of a live schema', () => {
  const live = body([version('1.0.0', { stake: { type: 'number' }, player: { type: 'string' } })]);
  const [first] = live.versions;
  const kept = first ? [first] : [];

  it.each<[string, EventSchemaBody, string[]]>([
    ['nothing', live, []],
    ['a version is added', body([...kept, version('1.1.0', { note: { type: 'string' } })]), []],
    ['a version is to end', body(kept.map((one) => ({ ...one, deprecated: { endsOn: '2027-01-31' } }))), []],
    ['the description and the lateness', body(kept, { description: 'x', time: { allowedLateness: '24h' } }), []],
    [
      'another text of the same schema',
      body([{ version: '1.0.0', schema: JSON.parse(JSON.stringify(first?.schema)) }]),
      [],
    ],
    [
      'a type changes',
      body([version('1.0.0', { stake: { type: 'string' }, player: { type: 'string' } })]),
      ['versions[0].schema VERSION_CHANGED'],
    ],
    [
      'a version is slipped in before and the old one changed',
      body([version('0.9.0'), version('1.0.0')]),
      ['versions[1].schema VERSION_CHANGED'],
    ],
    ['a version is removed', body([version('1.1.0', { stake: { type: 'number' } })]), ['versions VERSION_REMOVED']],
    [
      'the id becomes another field',
      body(kept, { fields: { id: 'player', time: 'at' } }),
      ['fields.id IDENTITY_CHANGED'],
    ],
    ['a field of before becomes the user', body(kept, withUser('player')), ['fields.user IDENTITY_CHANGED']],
    [
      'a new field becomes the user',
      body([...kept, version('1.1.0', { account: { type: 'string' } })], withUser('account')),
      [],
    ],
  ])('%s', (_, next, expected) => {
    expect(changeProblems(live, next).map(({ path, code }) => `${path} ${code}`)).toEqual(expected);
  });

  it('says which fields a rewritten version would change', () => {
    const [problem] = changeProblems(
      live,
      body([version('1.0.0', { stake: { type: 'string' }, bonus: { type: 'number' }, player: { type: 'string' } })]),
    );
    expect(problem?.message).toMatch(/stake, bonus would change$/);
  });

  it('keeps the user of events that have one', () => {
    expect(changeProblems(body(kept, withUser('player')), live)).toMatchObject([
      { path: 'fields.user', message: expect.stringContaining('nothing') },
    ]);
  });
});

describeWithData(describe, 'Apicurio compatibility cases', 'analytics/oracles', (file) => {
  /** Where a field's schema is judged otherwise than a schema by itself, and why. */
  const OURS: Record<string, string> = {
    // As in the library: see reader-violations.spec.ts.
    'Const none': 'both',
    'Complex: anyOf 1 backward': 'both',
    'Complex: oneOf 1 backward': 'none',
  };

  it('are decided by the kind as published, for all that JSON Schema 2020-12 can say within a contract', () => {
    const { tests }: { tests: { id: string; compatibility: string; original: unknown; updated: unknown }[] } =
      JSON.parse(readFileSync(file('apicurio_compat_json.json'), 'utf8'));
    const cases = tests
      .map(({ id, compatibility, original, updated }) => ({
        id,
        compatibility,
        original: asField(original),
        updated: asField(updated),
      }))
      .filter(({ original, updated }) => isValid(original) && isValid(updated));
    expect(cases.length).toBeGreaterThan(65);
    const decided = cases.map(({ id, original, updated }) => ({ id, compatibility: verdict(original, updated) }));
    const expected = cases.map(({ id, compatibility }) => ({
      id,
      compatibility: OURS[id] ?? OURS[`${id} ${compatibility}`] ?? compatibility,
    }));
    expect(decided).toEqual(expected);
  });

  /** The field's schema without what names a document of its own; the oracle's are those of draft 4 to 7. */
  function asField(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const { $schema: _dialect, $id: _id, ...schema } = value as Record<string, unknown>;
    return schema;
  }

  const withField = (schemas: unknown[], compatibility: string): unknown => ({
    ...{ event: 'bet', fields: { id: 'id', time: 'at' }, compatibility },
    versions: schemas.map((value, index) => ({
      version: `${index + 1}.0.0`,
      schema: { type: 'object', required: ['id', 'at'], properties: { ...FIELDS, value } },
    })),
  });

  function isValid(schema: unknown): boolean {
    return eventSchemaKind.parse(withField([schema], 'NONE')).ok;
  }

  function verdict(original: unknown, updated: unknown): string {
    const passes = (compatibility: string): boolean => {
      const parsed = eventSchemaKind.parse(withField([original, updated], compatibility));
      // Every refusal names the field.
      if (!parsed.ok)
        expect(
          parsed.problems.filter(
            ({ path, code }) => code !== 'INCOMPATIBLE' || !path.startsWith('versions[1].schema.value'),
          ),
        ).toEqual([]);
      return parsed.ok;
    };
    const [backward, forward] = [passes('BACKWARD'), passes('FORWARD')];
    return backward && forward ? 'both' : backward ? 'backward' : forward ? 'forward' : 'none';
  }
});
