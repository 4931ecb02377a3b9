import { joinsOf } from '@paddock/contracts';
import type { SampledTable } from './column-roles.js';
import { splitName } from './column-words.js';
import type { Proposal, ProposalOptions } from './proposal.js';
import { proposeLayouts } from './propose-layouts.js';
import { proposePromos } from './propose-promos.js';
import { proposeSettings } from './propose-settings.js';

/** Tables of a back office that have nothing to do with what frontends show. */
const INTERNAL =
  /^(?:\w*sessions?|(?:admin|event|error|access|activity)?logs?|audits?|history|cache\w*|migrations?|passwords?|tokens?|cron|queues?|backups?|archives?|tmp|temp)$/;

/** The most promising first. Pure: it looks at nothing but the tables as they were read. */
export function propose(tables: readonly SampledTable[], options: ProposalOptions): Proposal[] {
  const every = tables.flatMap((table) =>
    splitName(table.schema.name).some((word) => INTERNAL.test(word)) ? [] : proposalsOf(table, tables, options),
  );
  // Texts, groups and files by themselves are no documents; joined with what they belong to they are better taken.
  const joined = new Set(
    every
      .filter(({ mapping }) => mapping.documents.kind === 'promo')
      .flatMap(({ mapping }) =>
        joinsOf(mapping)
          .map(({ table }) => table)
          .filter((name) => name !== mapping.table),
      ),
  );
  const found = every.filter(({ mapping }) => !joined.has(mapping.table));
  return found.toSorted((a, b) => b.confidence - a.confidence || (a.mapping.name < b.mapping.name ? -1 : 1));
}

function proposalsOf(table: SampledTable, tables: readonly SampledTable[], options: ProposalOptions): Proposal[] {
  const layouts = proposeLayouts(table, tables, options);
  if (layouts.length > 0) return layouts;
  const promos = proposePromos(table, tables, options);
  return promos.length > 0 ? promos : proposeSettings(table, tables, options);
}
