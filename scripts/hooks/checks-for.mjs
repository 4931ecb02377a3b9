/** @typedef {{ tool: string, args: string[], fix: string }} Check */

const incremental = (/** @type {string} */ name) => [
  '--incremental',
  '--tsBuildInfoFile',
  `node_modules/.cache/hooks-${name}.tsbuildinfo`,
];

/**
 * The checks that staged files ask for, quickest first.
 * @param {readonly string[]} files
 * @returns {Check[]}
 */
export function checksFor(files) {
  const typed = files.some((file) => /^(apps|libs|migrations|test|bench)\/.*\.ts$/.test(file));
  // Scripts use the types of libs.
  const scripts = files.some((file) => /^scripts\/.*\.(mjs|ts)$/.test(file));
  return [
    ...(files.length > 0
      ? [
          {
            tool: 'prettier',
            args: ['--check', '--ignore-unknown', '--no-error-on-unmatched-pattern', '--', ...files],
            fix: 'npm run format puts the files in order',
          },
        ]
      : []),
    ...(typed ? [{ tool: 'tsc', args: ['--noEmit', ...incremental('sources')], fix: 'fix the types' }] : []),
    ...(scripts ? [{ tool: 'tsc', args: ['-p', 'scripts', ...incremental('scripts')], fix: 'fix the types' }] : []),
  ];
}
