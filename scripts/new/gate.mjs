const FOLDER = 'apps/control-plane/src/releases/gates';

/** A gate of the engine, with an example of a reason. @returns {import('./skeleton.mjs').Skeleton} */
export function gateSkeleton(/** @type {import('./names.mjs').Names} */ { file, member, words }) {
  const code = file.replaceAll('-', '_').toUpperCase();
  return {
    files: {
      [`${FOLDER}/${file}.ts`]: `import { formatRef } from '@paddock/contracts';
import type { Gate } from './gate.js';
import { changeRelease } from './resolutions.js';

/** So far documents whose key begins with \`${file}-\`; the real reason takes its place. */
export const ${member}: Gate = {
  code: '${code}',
  title: 'A document has a key of ${words}',
  appears: 'The release changes a document whose key begins with \`${file}-\`.',
  appliesTo: 'FORWARD',
  severity: 'ERROR',
  subject: 'DOCUMENT',
  refusesSchedule: false,
  resolution: changeRelease('Take the document out of the release: leaveOut of updateRelease.'),
  override: null,
  find: ({ items }) =>
    items
      .filter(({ ref }) => ref.key.startsWith('${file}-'))
      .map((item) => ({ message: \`\${formatRef(item.ref)} has a key of ${words}\`, concerns: [item] })),
};
`,
      [`${FOLDER}/${file}.spec.ts`]: `import { expect, test } from 'vitest';
import type { ConfigKind } from '../../documents/config-kind.js';
import { planRelease } from '../plan-release.js';
import type { PlanInput } from '../plan.js';
import { ENGINE_GATES } from './index.js';

const kind: ConfigKind = {
  ...{ name: 'promo', schemaVersion: 1, label: () => 'test', references: () => [], checkAgainst: () => [] },
  parse: () => ({ ok: true, body: {} }),
  reach: () => ({ audiences: [], tags: [], places: [], claims: [] }),
};

/** The gates of a release of one document. */
function gatesOf(key: string, type: PlanInput['type'] = 'FORWARD') {
  const ref = { kind: 'promo', site: 'acme-uk', key } as const;
  const pinned = { documentId: 'd1', ref, revision: 1, sha256: 'a'.repeat(64), body: {} };
  const input: PlanInput = {
    ...{ releaseId: 'r1', environment: 'production', type, neighbours: [], sites: [], freezes: [], scheduled: [] },
    items: [{ documentId: 'd1', ref, op: 'PUT', pinned, live: null }],
    observed: [],
    now: new Date('2026-06-01T12:00:00Z'),
  };
  return planRelease(input, () => kind, ENGINE_GATES).gates;
}

test('a document with the reason does not land', () => {
  expect(gatesOf('${file}-1')).toMatchObject([{ code: '${code}', documentId: 'd1' }]);
});

test('other documents land, and so does a rollback', () => {
  expect(gatesOf('summer')).toEqual([]);
  expect(gatesOf('${file}-1', 'ROLLBACK')).toEqual([]);
});
`,
    },
    insertions: [
      {
        file: `${FOLDER}/index.ts`,
        before: /^import \{ unchanged \}/,
        text: `import { ${member} } from './${file}.js';\n`,
      },
      { file: `${FOLDER}/index.ts`, before: /^ {2}unchanged,$/, text: `  ${member},\n` },
    ],
    left: [
      `the reason, its words and its resolution: ${FOLDER}/${file}.ts, with a table of cases in its spec`,
      'what it needs of the state: releases/plan.ts (PlanInput) and releases/planner.ts, which reads it under the lock',
      'a gate that knows the words of one kind stands in the folder of the kind instead, and its module lists provideGates(…)',
      'docs/gates.md: npm run check:drift -- --write; all steps: CONTRIBUTING.md, "a gate"',
    ],
  };
}
