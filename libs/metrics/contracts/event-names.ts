import type { EventSchemaBody } from './event-schema-body.js';

/** The longest name under which an event may be sent, in UTF-16 code units. */
export const MAX_SENT_NAME_LENGTH = 200;

/**
 * A name as names are compared: in Unicode's form NFC, and otherwise as it was sent. Names that differ in a letter, in
 * case, in an accent or in white space are different names.
 */
export function comparedName(name: string): string {
  return name.normalize('NFC');
}

/**
 * Every name under which an event of a contract may be sent, in the form in which names are compared, each once. This is
 * the only way from a name to a contract: a name that no contract has is unknown, and no name is rewritten to find one.
 * The contract's own name is always one of them. Where a contract lists no `names`, the two spellings of its own name
 * that SDKs use are the others: `order_completed` is also sent as "Order Completed" and as "orderCompleted".
 */
export function sentNames({ event, names }: Pick<EventSchemaBody, 'event' | 'names'>): string[] {
  return [...new Set([event, ...(names ?? spellings(event)).map(comparedName)])];
}

function spellings(event: string): string[] {
  const words = event.split('_').filter((word) => word !== '');
  const capitalised = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  return [capitalised.join(' '), [words[0] ?? '', ...capitalised.slice(1)].join('')];
}
