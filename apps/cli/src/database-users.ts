import { DATABASE_USERS, type DatabaseUser, isDatabasePassword, passwordVariable } from '@paddock/processes';
import { EnvReader } from '@paddock/runtime';
import type { Variables } from './with-database.js';

/** The database users of processes as variables describe them: none where no password is set. */
export function readDatabaseUsers(variables: Variables, env = new EnvReader(variables)) {
  const passwords: Partial<Record<DatabaseUser, string>> = {};
  for (const user of DATABASE_USERS) {
    const password = env.optionalLike(
      passwordVariable(user),
      isDatabasePassword,
      'at least 12 letters, digits, - and _',
    );
    if (password !== undefined) passwords[user] = password;
  }
  return env.done({ prefix: readUserPrefix(env), passwords });
}

/** What the names of the users begin with; installations that share a server need one each. */
export function readUserPrefix(env: EnvReader): string {
  const isPrefix = (text: string): boolean => /^[a-z]\w{0,15}$/.test(text);
  return env.optionalLike('DATABASE_USER_PREFIX', isPrefix, 'up to 16 letters, digits and _') ?? 'paddock';
}
