// Prints the variables that an app's settings read, with their defaults, as JSON. Run by the Node that runs the app.
import { pathToFileURL } from 'node:url';
import { EnvReader } from '#built/runtime';

const { readSettings } = await import(pathToFileURL(process.argv[2] ?? '').href);

// Only what has no default; the reader remembers every name that it is asked for.
const variables = { DATABASE_URL: 'mysql://localhost', REDIS_URL: 'redis://localhost' };
const env = new EnvReader(variables);
readSettings(variables, env);
console.log(JSON.stringify(Object.fromEntries(env.variables)));
