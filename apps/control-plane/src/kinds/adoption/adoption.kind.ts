import { type AdoptionBody, sha256Hex } from '@paddock/contracts';
import { mappingProblems } from '../../adoption/mapping/mapping-problems.js';
import type { ConfigKind, ParsedBody } from '../../documents/config-kind.js';
import { parseBody } from '../parse-body.js';
import { AdoptionInput } from './adoption.input.js';
import { mayShareTable } from './share.js';

/** A mapping of an existing back office's table: config like any other, so it is drafted, released and rolled back. */
export const adoptionKind: ConfigKind<AdoptionBody> = {
  name: 'adoption',
  schemaVersion: 1,

  parse(input): ParsedBody<AdoptionBody> {
    const parsed = parseBody(AdoptionInput, input);
    if (!parsed.ok) return parsed;
    const problems = mappingProblems(parsed.body);
    return problems.length > 0 ? { ok: false, problems } : parsed;
  },

  label: (mapping) => mapping.name,

  references: () => [],

  checkAgainst: () => [],

  // No visitor sees a mapping; the documents that it makes have their own reach.
  reach: (mapping) => ({
    audiences: [{ sites: [], jurisdictions: [] }],
    tags: [],
    places: [],
    claims: [rowsClaim(mapping)],
  }),

  mayCoexist: mayShareTable,
};

/** The name of a table's rows, short enough for the reference index and in ASCII. */
function rowsClaim({ source, table }: AdoptionBody): string {
  const name = `rows of ${table} in ${source}`;
  return name.length <= 100 && /^[\x20-\x7e]+$/.test(name)
    ? name
    : `rows of ${sha256Hex(name).slice(0, 32)} in ${source.slice(0, 60)}`;
}
