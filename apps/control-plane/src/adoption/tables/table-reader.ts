import { type AdoptionBody, joinsOf } from '@paddock/contracts';
import type { SourceSession } from '@paddock/foreign-database';
import type { FieldProblem } from '../../graphql/problems.js';
import { introspect } from '../inspection/introspect.js';
import { type CompiledMapping, compileMapping } from '../mapping/compiled-mapping.js';

/** Resolves a mapping against its tables as they are at this moment. */
export async function compileAt(
  session: SourceSession,
  body: AdoptionBody,
): Promise<{ ok: true; mapping: CompiledMapping } | { ok: false; problems: FieldProblem[] }> {
  const names = [...new Set([body.table, ...joinsOf(body).map(({ table }) => table)])];
  return compileMapping(body, await introspect(session, names));
}
