import { samplePage } from './sample.mjs';

/** @typedef {import('./system.mjs').RunFile} RunFile */

/** Everything that one needs to begin, on one screen. */
export function screen(/** @type {Omit<RunFile, 'pids'>} */ run, /** @type {string} */ local) {
  const { controlPlane, edge, analytics, odds, signIn, clientKey, analyticsOperatorKey } = run;
  return `
  Paddock runs.

    control plane   ${controlPlane}/graphql
    edge            ${edge}
    analytics       ${analytics}/graphql
    odds            ${odds}
    sign in as      ${signIn ? `${signIn.email}   ${signIn.password}` : 'the account that this database was seeded with'}
    client key      ${clientKey ?? 'the one that this database was seeded with'}
    analytics key   ${analyticsOperatorKey}

  Try

    curl '${edge}${samplePage}'

    curl ${controlPlane}/graphql -H 'Content-Type: application/json' -d '${signInQuery(signIn)}'

    npm run paddock -- audit verify

  Logs: ${local}/logs.  Ctrl-C stops everything and keeps the data; npm run reset removes them.
`;
}

/** A second start shows where the first one answers. */
export function runsAlready(/** @type {RunFile | undefined} */ run, /** @type {number} */ pid) {
  if (!run) return `  Paddock is being started already, by process ${pid}.`;
  return `  Paddock runs already (process ${pid}).\n\n    control plane   ${run.controlPlane}/graphql\n    edge            ${run.edge}\n`;
}

function signInQuery(/** @type {RunFile['signIn']} */ signIn) {
  const input = `{ email: "${signIn?.email ?? '…'}", password: "${signIn?.password ?? '…'}" }`;
  return JSON.stringify({ query: `mutation { signIn(input: ${input}) { ... on Session { token } } }` });
}
