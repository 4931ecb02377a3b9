import type { DataSource } from 'typeorm';
import { EnvReader } from '@paddock/runtime';
import { createDataSource } from '../../control-plane/src/database/data-source.js';

export type Variables = Readonly<Record<string, string | undefined>>;

/** Runs `work` on the database that `DATABASE_URL` names, and closes it afterwards. */
export async function withDatabase<T>(
  variables: Variables,
  work: (source: DataSource, url: URL) => Promise<T>,
): Promise<T> {
  const env = new EnvReader(variables);
  const { url } = env.done({ url: env.url('DATABASE_URL', ['mysql:', 'mariadb:']) });
  const source = await createDataSource(url, { poolSize: 2 }).initialize();
  try {
    return await work(source, url);
  } finally {
    await source.destroy();
  }
}
