import { invalidParameters, quote, type RequestMistake } from '../http/problem.js';

/** A request for changes: a list since a seq, or the stream, from a seq on or from now on. */
export interface ChangesQuery {
  since?: number;
  lastEventId?: number;
}

const PARAMETERS = ['since', 'lastEventId'] as const;
/** For browsers, whose event streams carry no headers of their own. */
const KEY = 'clientKey';

/** The client key in a query. */
export function clientKeyIn({ [KEY]: key }: Readonly<Record<string, unknown>>): string | undefined {
  return typeof key === 'string' && key !== '' ? key : undefined;
}

/** @throws Problem 400 naming every parameter that is unknown or no seq */
export function parseChangesQuery(query: Readonly<Record<string, unknown>>): ChangesQuery {
  const mistakes: RequestMistake[] = [];
  const parsed: ChangesQuery = {};
  for (const [name, value] of Object.entries(query)) {
    const known = PARAMETERS.find((parameter) => parameter === name);
    if (name === KEY) {
      if (typeof value !== 'string') mistakes.push({ field: KEY, message: 'is given twice' });
    } else if (!known)
      mistakes.push({
        field: name.slice(0, 40),
        message: `is not a parameter; expected ${[...PARAMETERS, KEY].join(', ')}`,
      });
    else if (typeof value === 'string' && /^\d{1,15}$/.test(value)) parsed[known] = Number(value);
    else mistakes.push({ field: known, message: `${quote(String(value))} is not a seq` });
  }
  if (mistakes.length > 0) throw invalidParameters(mistakes);
  return parsed;
}

/** A `Last-Event-ID` that this server never sent resumes nothing: from seq -1 on nothing is kept, so the reader is reset. */
export function lastEventIdOf(header: unknown): number | undefined {
  if (typeof header !== 'string' || header === '') return undefined;
  return /^\d{1,15}$/.test(header) ? Number(header) : -1;
}
