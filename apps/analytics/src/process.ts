/** Injection token of the process's logger. */
export const LOGGER = Symbol('logger');

/** Injection token: does the process run in production? */
export const PRODUCTION = Symbol('production');
