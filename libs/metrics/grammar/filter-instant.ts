import { parseInstant } from '@paddock/contracts';

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** What a field of instants is compared with: an RFC 3339 date-time, or a date of RFC 3339, which is its start in UTC. */
export function filterInstant(text: string): number | undefined {
  return parseInstant(DATE.test(text) ? `${text}T00:00:00Z` : text);
}
