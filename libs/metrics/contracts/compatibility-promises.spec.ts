import { describe, expect, it } from 'vitest';
import type { Json } from '@paddock/contracts';
import { schemaValidator } from '@paddock/json-schema';
import { fc } from '@paddock/testing';
import { checkCompatibility } from './check-compatibility.js';
import type { CompatibilityMode } from './event-schema-body.js';
import { isObject, type SchemaObject } from './normalise-schema.js';
import { type Draw, drawChange, drawContractSchema, drawValue } from './testing/random-schemas.js';

const RUNS = 700;
const VALUES = 12;

/** Whether the checker lets `next` follow `last`. */
const accepts = (mode: CompatibilityMode, last: SchemaObject, next: SchemaObject): boolean =>
  checkCompatibility({ version: '2.0.0', schema: next }, [{ version: '1.0.0', schema: last }], mode).length === 0;

function validator(schema: SchemaObject): (value: Json) => boolean {
  return schemaValidator('decide', { validateSchema: false, meta: false }).compile(schema);
}

/** The schema with every object closed that lets anything else in, so that what fits it holds declared fields alone. */
function closed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(closed);
  if (!isObject(schema)) return schema;
  const members = Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [
      keyword,
      ['enum', 'const'].includes(keyword) ? value : closed(value),
    ]),
  );
  const open = [schema['type']].flat().includes('object') && (schema['additionalProperties'] ?? true) === true;
  return open ? { ...members, additionalProperties: false } : members;
}

/** Closing a schema under these would let more values in, or others. */
const TURNED = /"(not|if|oneOf|contains|unevaluatedProperties|dependentSchemas)":/;

describe('what a compatibility mode promises', () => {
  it.each<[CompatibilityMode, 'BACKWARD' | 'FORWARD']>([
    ['BACKWARD', 'BACKWARD'],
    ['FORWARD', 'FORWARD'],
    ['DECLARED_TRANSITIVE', 'BACKWARD'],
    ['DECLARED_TRANSITIVE', 'FORWARD'],
  ])('%s: whatever the writer may send, the reader accepts (%s)', (mode, direction) => {
    let [compatible, checked] = [0, 0];
    fc.assert(
      fc.property(fc.gen(), (draw: Draw) => {
        const last = drawContractSchema(draw);
        const next = drawChange(draw, last);
        if (JSON.stringify(last) === JSON.stringify(next) || !accepts(mode, last, next)) return;
        const [writer, reader] = direction === 'FORWARD' ? [next, last] : [last, next];
        const sent = mode === 'DECLARED_TRANSITIVE' ? closed(writer) : writer;
        if (!isObject(sent) || (sent !== writer && TURNED.test(JSON.stringify(writer)))) return;
        compatible += 1;
        const [writes, isSent, reads] = [validator(writer), validator(sent), validator(reader)];
        for (let index = 0; index < VALUES; index += 1) {
          const value = drawValue(draw, sent);
          if (!writes(value) || !isSent(value)) continue;
          checked += 1;
          expect({ writer, reader, value, accepted: reads(value) }).toEqual({ writer, reader, value, accepted: true });
        }
        // Made smaller, such a pair would take minutes and be hardly easier to read.
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
    // The promise was put to the test, and not kept by refusing everything.
    expect(compatible).toBeGreaterThan(RUNS / 20);
    expect(checked).toBeGreaterThan(RUNS / 10);
  });
});
