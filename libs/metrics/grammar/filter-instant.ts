import { parseInstant } from '@paddock/contracts';

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** The operand for a field of instants: an RFC 3339 date-time, or an RFC 3339 date, which means its start in UTC. */
export function filterInstant(text: string): number | undefined {
  return parseInstant(DATE.test(text) ? `${text}T00:00:00Z` : text);
}
