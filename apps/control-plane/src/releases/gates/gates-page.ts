import type { GateDescription, GateResolution } from './gate.js';

const INTRODUCTION = `# Gates

<!-- Made by npm run check:drift -- --write from the gates that the code registers. -->

A gate is a reason why a release may not land. A plan (\`release { plan { gates } }\`), a refused publish, rollback or schedule (\`BlockedProblem { gates }\`) and \`validate\` show every gate at once, in the order of this page:

\`\`\`graphql
gates { code message documentId path severity resolution { mutation hint } override { permission } }
\`\`\`

* \`message\` names the document and what is wrong; \`documentId\` and \`path\` say where. What a caller may not read is left out.
* \`resolution\` says how to resolve the gate: the mutation to call, if one does it, and a hint for people. It is null where there is no way.
* \`override\` names the permission with which a release lands in spite of the gate. It is null where no permission does.
* Gates are judged again, under the lock of the environment, when a release lands: one that appeared since the plan was shown still blocks it. The words of a gate have no part in \`planHash\`.
* A scheduled release is judged again when it is due, and paused if a gate blocks it. Gates that waiting does not resolve refuse \`scheduleRelease\` already.
`;

/** The page \`docs/gates.md\`: every gate by its code, with when it appears, what to do and what passes it. */
export function gatesPage(gates: readonly GateDescription[]): string {
  const blocking = gates.filter(({ severity }) => severity === 'ERROR');
  const notes = gates.filter(({ severity }) => severity === 'WARNING');
  return [
    INTRODUCTION,
    ...sections(blocking),
    '## Notes\n\nNotes of a plan (`plan { notes }`) block nothing. They say what its operator should know before publishing.\n',
    ...table(notes),
  ].join('\n');
}

function sections(gates: readonly GateDescription[]): string[] {
  const codes = [...new Set(gates.map(({ code }) => code))];
  return codes.map((code) =>
    [`## ${code}\n`, ...gates.filter((gate) => gate.code === code).map((gate) => entry(gate))].join('\n'),
  );
}

function entry(gate: GateDescription): string {
  const { title, appears, resolution, inRollback } = gate;
  return [
    `**${title}.** ${appears}\n`,
    `* What to do${inAnswer(resolution)}`,
    ...(inRollback === undefined ? [] : [`* In a rollback${inAnswer(inRollback)}`]),
    `* What passes it: ${passes(gate)}`,
    ...(gate.refusesSchedule ? ['* It refuses `scheduleRelease` as well.'] : []),
    '',
  ].join('\n');
}

function inAnswer(resolution: GateResolution | null): string {
  if (!resolution) return ': nothing; the request would have no effect.';
  return `${resolution.mutation ? ` (\`${resolution.mutation}\`)` : ''}: ${resolution.hint}`;
}

function passes({ appliesTo, exceptions, override }: GateDescription): string {
  const ways = [
    ...(appliesTo === 'FORWARD' ? ['Rollbacks.'] : []),
    ...(exceptions ? [exceptions] : []),
    ...(override ? [`A caller with the permission \`${override.permission}\`.`] : []),
  ];
  return ways.length > 0 ? ways.join(' ') : 'nothing.';
}

function table(notes: readonly GateDescription[]): string[] {
  const rows = notes.map(
    ({ code, appears, resolution }) =>
      `| \`${code}\` | ${appears} | ${resolution?.hint ?? 'Nothing needs to be done.'} |`,
  );
  return ['| note | when it appears | what to do |', '|---|---|---|', ...rows, ''];
}
