/**
 * The rooms whose suites share a process, so that each process loads Nest, TypeORM and Apollo once and not once per file.
 * Rooms stay apart: decorators of GraphQL types write into one registry of the process, which holds one app at a time.
 */
export const ROOMS = {
  'control-plane': ['apps/control-plane'],
  edge: ['apps/edge'],
  odds: ['apps/odds'],
  analytics: ['apps/analytics'],
  cli: ['apps/cli'],
  libs: ['libs'],
  repository: ['bench', 'scripts', 'test'],
};

/**
 * The rooms that have a suite of which the path contains one of the words, as Vitest matches its arguments; all rooms where
 * no word is given. Each room that Vitest prepares takes a part of a second, so a run names only those that it needs.
 * @param {readonly string[]} words
 * @param {readonly string[]} suites paths inside the project
 */
export function roomsWith(words, suites) {
  return Object.entries(ROOMS)
    .filter(([, folders]) => suites.some((suite) => isIn(folders, suite) && matches(words, suite)))
    .map(([room]) => room);
}

const isIn = (/** @type {readonly string[]} */ folders, /** @type {string} */ path) =>
  folders.some((folder) => path.startsWith(`${folder}/`));

const matches = (/** @type {readonly string[]} */ words, /** @type {string} */ path) =>
  words.length === 0 || words.some((word) => path.toLowerCase().includes(word.toLowerCase()));

/** The words among arguments for Vitest: those before the first option. */
export function leadingWords(/** @type {readonly string[]} */ args) {
  const firstOption = args.findIndex((arg) => arg.startsWith('-'));
  return firstOption < 0 ? [...args] : args.slice(0, firstOption);
}
