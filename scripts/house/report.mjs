import { dirname } from 'node:path';
import { DEPENDENCIES, quantile } from './measure.mjs';

/** @typedef {import('./measure.mjs').FileFigures} FileFigures */

const LONG_FILE = 300;
const LONG_FUNCTION = 30;
const CROWDED = 15;
const SHOWN = 12;

export const isTest = (/** @type {string} */ path) => /(spec|contract)\.ts$|(^|\/)(test|testing|bench)\//.test(path);

/**
 * The figures as text.
 * @param {readonly FileFigures[]} files
 */
export function report(files) {
  const sources = files.filter(({ path }) => !isTest(path));
  const tests = files.filter(({ path }) => isTest(path));
  const sizes = sources.map(({ lines }) => lines);
  const functions = sources.flatMap((file) => file.functions);
  const libs = sources.filter(({ path }) => path.startsWith('libs/'));
  const undocumented = libs.flatMap((file) => file.undocumented);
  return [
    row('source files, lines', `${sources.length}, ${sum(sizes)}`),
    row('test lines per source line', (sum(tests.map(({ lines }) => lines)) / sum(sizes)).toFixed(2)),
    row('comment lines of all lines', percent(sum(sources.map(({ comments }) => comments)), sum(sizes))),
    row('lines per file: median, p90, longest', spread(sizes)),
    row('lines per function: median, p90, longest', spread(functions)),
    row('lines over 120 columns', sum(sources.map(({ wide }) => wide))),
    ...list(
      `files over ${LONG_FILE} lines`,
      sources.filter(({ lines }) => lines > LONG_FILE).map(({ path, lines }) => [lines, path]),
    ),
    row(`functions over ${LONG_FUNCTION} lines`, functions.filter((lines) => lines > LONG_FUNCTION).length),
    ...list(
      `constructors with more than ${DEPENDENCIES} dependencies`,
      sources.flatMap(({ constructors }) => constructors.map(({ name, count }) => [count, name])),
    ),
    ...list(`folders with more than ${CROWDED} files`, crowded(sources)),
    ...list(
      'exported symbols of libs without a doc comment',
      undocumented.map((name) => [1, name]),
    ),
  ].join('\n');
}

/** @returns {[number, string][]} */
function crowded(/** @type {readonly FileFigures[]} */ sources) {
  const folders = Map.groupBy(sources, ({ path }) => dirname(path));
  return [...folders].flatMap(([folder, { length }]) => (length > CROWDED ? [[length, folder]] : []));
}

const row = (/** @type {string} */ name, /** @type {string | number} */ value) => `  ${name.padEnd(48)} ${value}`;

/** @param {string} name @param {(string | number)[][]} found each a size and what has it */
function list(name, found) {
  const sorted = found.toSorted(([a], [b]) => Number(b) - Number(a));
  const more = sorted.length > SHOWN ? [`${' '.repeat(8)}and ${sorted.length - SHOWN} more`] : [];
  return [
    row(name, found.length),
    ...sorted.slice(0, SHOWN).map(([size, what]) => `${String(size).padStart(8)}  ${what}`),
    ...more,
  ];
}

const spread = (/** @type {readonly number[]} */ values) =>
  `${quantile(values, 0.5)}, ${quantile(values, 0.9)}, ${Math.max(0, ...values)}`;

const sum = (/** @type {readonly number[]} */ values) => values.reduce((total, value) => total + value, 0);

const percent = (/** @type {number} */ part, /** @type {number} */ whole) => `${((100 * part) / whole).toFixed(1)} %`;
