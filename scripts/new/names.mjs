/**
 * The spellings of one name.
 * @typedef {object} Names
 * @property {string} file `price-boost`: folders, files, names on the wire
 * @property {string} type `PriceBoost`: classes and GraphQL types
 * @property {string} member `priceBoost`: fields and variables
 * @property {string} words `price boost`: in sentences
 */

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/**
 * @returns {Names}
 * @throws {Error} when the name is invalid
 */
export function namesOf(/** @type {string} */ name) {
  if (!NAME.test(name))
    throw new Error(`A name is lower-case words joined by dashes, as in price-boost, not ${JSON.stringify(name)}.`);
  const [first = '', ...rest] = name.split('-');
  const capital = (/** @type {string} */ word) => word.slice(0, 1).toUpperCase() + word.slice(1);
  const tail = rest.map(capital).join('');
  return { file: name, type: capital(first) + tail, member: first + tail, words: name.replaceAll('-', ' ') };
}
