/** Why an event is refused; stable codes. */
export const REJECTION_CODES = [
  'INVALID_JSON',
  'TOO_DEEP',
  'FORBIDDEN_NAME',
  'NOT_AN_OBJECT',
  'EVENT_NAME_MISSING',
  'UNKNOWN_EVENT',
  'UNKNOWN_VERSION',
  'VERSION_ENDED',
  'CONTRACT_VIOLATION',
  'ID_MISSING',
  'TIME_INVALID',
  'TOO_FAR_IN_FUTURE',
  'NUMBER_OUT_OF_RANGE',
  'NUMBER_TOO_PRECISE',
  'TEXT_INVALID',
  'EVENT_TOO_LARGE',
] as const;
export type RejectionCode = (typeof REJECTION_CODES)[number];

/** One mistake of an event: the reason, and the field where there is one. */
export interface Mistake {
  code: RejectionCode;
  message: string;
  field?: string;
}

/** A refused event: its first mistake, and all of them where there are several. */
export interface Rejection extends Mistake {
  /** All mistakes, in the order of their fields; at most 20. Left out where there is one. */
  problems?: readonly Mistake[];
  /** How many more there are than `problems` shows. */
  omitted?: number;
}

/** The most mistakes shown of one event. */
const MAX_PROBLEMS = 20;
/** The longest message that combines several mistakes. */
const MAX_TEXT = 2_000;

export function reject(code: RejectionCode, message: string, field?: string): Mistake {
  return field === undefined ? { code, message } : { code, message, field };
}

/** Combines all mistakes of an event into one rejection. The order of the mistakes does not matter. */
export function rejectAll(first: Mistake, others: readonly Mistake[] = []): Rejection {
  const distinct = new Map([first, ...others].map((mistake) => [keyOf(mistake), mistake]));
  const sorted = [...distinct.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, mistake]) => mistake);
  const [leading = first] = sorted;
  if (sorted.length === 1) return leading;
  const omitted = sorted.length - MAX_PROBLEMS;
  return { ...leading, problems: sorted.slice(0, MAX_PROBLEMS), ...(omitted > 0 ? { omitted } : {}) };
}

function keyOf({ field = '', code, message }: Mistake): string {
  return `${field}\0${code}\0${message}`;
}

/** A rejection in one line, every mistake with its field. */
export function textOfRejection({ problems, omitted = 0, ...only }: Rejection): string {
  const mistakes = (problems ?? [only]).map(({ field, message }) =>
    field === undefined ? message : `${field} ${message}`,
  );
  return [...mistakes, ...(omitted > 0 ? [`and ${omitted} more`] : [])].join('; ').slice(0, MAX_TEXT);
}
