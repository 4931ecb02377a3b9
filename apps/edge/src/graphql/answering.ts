import { GraphQLError } from 'graphql';
import { Problem } from '../http/problem.js';

/** The problems of REST as GraphQL errors. */
export function answering<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { code, status, detail } = error;
    const errors = error.extras.errors ? { errors: error.extras.errors } : {};
    throw new GraphQLError(detail, { extensions: { code, ...errors, http: { status } } });
  }
}
