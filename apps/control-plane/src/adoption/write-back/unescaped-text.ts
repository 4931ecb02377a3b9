import type { SourceSession } from '@paddock/foreign-database';
import { type HouseEscapes, houseEscapesOf, needsEscapes, proseOf } from '../inspection/house-escapes.js';
import type { CompiledMapping } from '../mapping/compiled-mapping.js';
import type { Cells } from '../mapping/unmap-body.js';

/**
 * Finds text that would be stored as it is where the other columns of the table show that their back office stores text with
 * character references: its pages would take `<` for markup.
 */
export class UnescapedText {
  private house: Promise<HouseEscapes> | undefined;

  constructor(
    private readonly session: SourceSession,
    private readonly mapping: CompiledMapping,
  ) {}

  async in(cells: Cells): Promise<{ why: string; mend: string }[]> {
    const { fields, body, table } = this.mapping;
    const plain = fields.filter(
      ({ field, column }) =>
        field.transform.type === 'TEXT' &&
        !field.readOnly &&
        !body.accepts?.includes(column.schema.name) &&
        needsEscapes(proseOf(cells.get(column) ?? null, column.schema)),
    );
    if (plain.length === 0) return [];
    const house = await (this.house ??= houseEscapesOf(this.session, table));
    if (house.escapes !== 'yes') return [];
    return plain.map(({ column }) => {
      const { name } = column.schema;
      const text = JSON.stringify(proseOf(cells.get(column) ?? null, column.schema).slice(0, 60));
      return {
        why: `the column ${name} would hold ${text} as it is, while ${house.columns.join(', ')} show that the back office stores text with character references`,
        mend: `map ${name} by HTML_TEXT, or name it in accepts of the mapping`,
      };
    });
  }
}
