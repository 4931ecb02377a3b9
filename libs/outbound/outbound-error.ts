/** Why a request outwards failed. */
export type OutboundErrorCode =
  /** The policy does not allow the address, or the name leads to one that it does not allow. */
  | 'URL_NOT_ALLOWED'
  /** A header that is the transport's own, or a value that cannot be a header's. */
  | 'HEADER_NOT_ALLOWED'
  | 'REDIRECT_NOT_ALLOWED'
  | 'TIMED_OUT'
  /** No connection, or it broke off. */
  | 'UNREACHABLE'
  | 'RESPONSE_TOO_LARGE'
  /** Its content coding was not requested, or its compressed data are damaged. */
  | 'RESPONSE_UNREADABLE';

/** A request outwards failed. Messages name what was asked for, never what was answered, resolved or sent along. */
export class OutboundError extends Error {
  constructor(
    readonly code: OutboundErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
