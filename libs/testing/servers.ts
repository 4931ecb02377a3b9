import { freePort, PrivateMariaDb, PrivateRedis } from '@paddock/processes';
import { temporaryDirectory } from './temporary-directory.js';

const PASSWORD = 'test';
const USERS = {
  controlPlane: PASSWORD,
  worker: PASSWORD,
  edge: PASSWORD,
  analytics: PASSWORD,
  odds: PASSWORD,
  cli: PASSWORD,
};

/** A MariaDB that one test may kill, pause and start again; it loses nothing that it acknowledged. `dispose` ends it for good. */
export async function startPrivateMariaDb(
  database = 'paddock',
  place = temporaryDirectory(),
): Promise<{ server: PrivateMariaDb; dispose(): Promise<void> }> {
  const directory = await place;
  return started(
    new PrivateMariaDb({ dir: directory.path, port: await freePort(), password: PASSWORD, database }),
    directory,
  );
}

interface Own<Server> {
  server: Server;
  dispose(): Promise<void>;
}

/**
 * A Redis that one test may kill, flush and start again. With `users` each process has its own, as under `npm start`.
 * `dispose` ends it for good.
 */
export async function startPrivateRedis(
  place = temporaryDirectory(),
  { users = false } = {},
): Promise<Own<PrivateRedis>> {
  const directory = await place;
  const options = { dir: directory.path, port: await freePort(), password: PASSWORD };
  return started(
    new PrivateRedis(users ? { ...options, users: { prefix: 'paddock', passwords: USERS } } : options),
    directory,
  );
}

async function started<T extends PrivateMariaDb | PrivateRedis>(server: T, directory: { remove(): Promise<void> }) {
  await server.start();
  return {
    server,
    async dispose() {
      await server.kill9();
      await directory.remove();
    },
  };
}
