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

/** A refused event: the reason names the field where there is one. */
export interface Rejection {
  code: RejectionCode;
  message: string;
  field?: string;
}

export function reject(code: RejectionCode, message: string, field?: string): Rejection {
  return field === undefined ? { code, message } : { code, message, field };
}
