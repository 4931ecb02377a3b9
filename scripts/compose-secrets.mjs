// npm run compose:secrets [-- FILE]: writes what is missing of the secrets of docker-compose.yml into .env, or FILE, and keeps what is there.
import { createHash, randomBytes } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { inProject } from './setup/project.mjs';

const [given] = process.argv.slice(2);
const file = given ? resolve(given) : inProject('.env');
const newSecret = () => randomBytes(32).toString('hex');

const text = await readFile(file, 'utf8').catch(() => '');
const has = (/** @type {string} */ name) => new RegExp(`^${name}=.`, 'm').test(text);
const files = ['docker-compose.yml', 'deploy/local-servers.yml'].map((name) => readFile(inProject(name), 'utf8'));
const needed = [...(await Promise.all(files)).join('').matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name);
const missing = [...new Set([...needed, 'ADOPTION_KEY'])]
  .filter((name) => !has(name))
  .map((name) => `${name}=${newSecret()}`);

const operatorKey = newSecret();
const operatorHash = createHash('sha256').update(operatorKey).digest('hex');
if (!has('ANALYTICS_OPERATORS')) missing.push(`ANALYTICS_OPERATORS=compose=${operatorHash}`);

await writeFile(file, [...(text === '' ? [] : [text.trimEnd()]), ...missing].join('\n') + '\n', { mode: 0o600 });
await chmod(file, 0o600);
console.log(
  missing.length === 0 ? `  ${file} has every secret already` : `  ${file} has ${missing.length} new secrets`,
);
if (!has('ANALYTICS_OPERATORS'))
  console.log(`  key that reads and repairs the numbers of analytics, shown once: ${operatorKey}`);
