/** Injection token of the process's logger. */
export const LOGGER = Symbol('logger');

/** Injection token: does the process run in production? */
export const PRODUCTION = Symbol('production');

/** Injection token: may the schema be read by introspection? */
export const INTROSPECTION = Symbol('introspection');
