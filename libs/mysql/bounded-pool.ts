import * as mysql2 from 'mysql2';
import { requestContext } from '@paddock/runtime';

/** A request that has waited so long for connections, all in all, is answered that the database is busy. */
const REQUEST_PATIENCE_MS = 1_500;
/** The shortest wait of every attempt, also late in a request: a connection is often returned within moments. */
const LEAST_PATIENCE_MS = 250;
/** Jobs and routines: no client waits for their answer. */
const BACKGROUND_PATIENCE_MS = 10_000;
/** Most callers that may wait for a connection; further callers are refused at once. */
const MAX_WAITING = 500;

type Callback = (error: NodeJS.ErrnoException | null, connection: mysql2.PoolConnection) => void;

/** All connections are in use, and none was returned in time. By its code it counts as an unreachable server. */
export class PoolExhausted extends Error {
  readonly code = 'ETIMEDOUT';

  constructor(waitedMs: number) {
    const waited = `no connection to the database was free within ${Math.round(waitedMs)} ms`;
    super(waitedMs > 0 ? waited : 'too many callers wait for a connection to the database');
  }
}

/** mysql2 for TypeORM, with pools that limit the wait for a connection: mysql2 itself has no such limit. */
export const boundedDriver: object = {
  ...mysql2,
  createPool: (options: mysql2.PoolOptions) => boundPool(mysql2.createPool(options)),
};

function boundPool(pool: mysql2.Pool): mysql2.Pool {
  const getConnection = pool.getConnection.bind(pool);
  let waiting = 0;
  pool.getConnection = (callback: Callback): void => {
    if (waiting >= MAX_WAITING) {
      fail(callback, new PoolExhausted(0));
      return;
    }
    const patienceMs = patience();
    let givenUp = false;
    const timer = setTimeout(() => {
      givenUp = true;
      fail(callback, new PoolExhausted(patienceMs));
    }, patienceMs);
    waiting += 1;
    getConnection((error, connection) => {
      waiting -= 1;
      clearTimeout(timer);
      // The caller was answered; its place in the queue comes up all the same.
      if (!givenUp) callback(error, connection);
      else if (!error) connection.release();
    });
  };
  return pool;
}

/** TypeORM checks the error alone; the type of the callback has no call without a connection. */
function fail(callback: Callback, error: PoolExhausted): void {
  Reflect.apply(callback, undefined, [error]);
}

function patience(): number {
  const startedAt = requestContext()?.startedAt;
  if (startedAt === undefined) return BACKGROUND_PATIENCE_MS;
  return Math.max(REQUEST_PATIENCE_MS - (performance.now() - startedAt), LEAST_PATIENCE_MS);
}
