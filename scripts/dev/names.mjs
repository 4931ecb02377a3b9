import { APP_NAMES } from '#built/processes';

/** @typedef {import('#built/processes').StartedApp} StartedApp */

/** An app as it is written in commands and folders: `control-plane`. */
export const spoken = (/** @type {StartedApp} */ name) =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/**
 * The apps that are named, or all.
 * @param {readonly string[]} words
 * @returns {readonly StartedApp[]}
 * @throws {Error} that names every unknown app
 */
export function appsNamed(words) {
  const unknown = words.filter((word) => !APP_NAMES.some((name) => spoken(name) === word));
  if (unknown.length > 0)
    throw new Error(`There is no app ${unknown.join(', ')}. The apps are ${APP_NAMES.map(spoken).join(', ')}.`);
  return words.length === 0 ? APP_NAMES : APP_NAMES.filter((name) => words.includes(spoken(name)));
}
