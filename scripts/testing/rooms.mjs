/**
 * The rooms whose suites share a process, so that each process loads Nest, TypeORM and Apollo once and not once per
 * file. Rooms use separate processes, because decorators of GraphQL types write into one registry per process, which
 * can hold one app only.
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
 * The rooms with a suite whose path contains one of the words, as Vitest matches its arguments; all rooms without
 * words. Vitest needs a fraction of a second to prepare each room, so a run names only the rooms that it needs.
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
