import { readFile } from 'node:fs/promises';
import { startVariables } from '../local/settings.mjs';
import { run } from '../setup/command.mjs';
import { inProject } from '../setup/project.mjs';

const settings = ['control-plane', 'edge', 'analytics', 'odds'].map((app) => `dist/apps/${app}/src/settings.js`);

/** Asks the settings themselves for what they read. */
export async function variablesAgree(/** @type {string} */ node) {
  /** @type {Record<string, string>} */
  const read = {};
  /** @type {string[]} */
  const problems = [];
  for (const file of settings) {
    /** @type {Record<string, string>} */
    const variables = JSON.parse(
      await run(node, [inProject('scripts', 'drift', 'list-variables.mjs'), inProject(file)]),
    );
    for (const [name, fallback] of Object.entries(variables)) {
      if ((read[name] ?? fallback) !== fallback)
        problems.push(`${name} defaults to ${read[name]} in one app and to ${fallback} in another`);
      read[name] = fallback;
    }
  }
  return [...problems, ...differences({ ...startVariables, ...read }, await exampleVariables())];
}

async function exampleVariables() {
  const text = await readFile(inProject('.env.example'), 'utf8').catch(() => '');
  return Object.fromEntries([...text.matchAll(/^([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, name, value]) => [name, value]));
}

function differences(/** @type {Record<string, string>} */ read, /** @type {Record<string, string>} */ example) {
  const names = [...new Set([...Object.keys(read), ...Object.keys(example)])].sort();
  return names.flatMap((name) => {
    if (!(name in example)) return [`.env.example lacks ${name}=${read[name]}`];
    if (!(name in read)) return [`.env.example lists ${name}, which nothing reads`];
    return read[name] === example[name]
      ? []
      : [`.env.example says ${name}=${example[name]}, the code says ${read[name]}`];
  });
}
