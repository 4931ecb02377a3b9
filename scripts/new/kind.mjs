const KINDS = 'apps/control-plane/src/kinds';

/** A kind of document with one field, registered everywhere that must know it. @returns {import('./skeleton.mjs').Skeleton} */
export function kindSkeleton(/** @type {import('./names.mjs').Names} */ { file, type, member, words }) {
  const folder = `${KINDS}/${file}`;
  const body = `./${file}/${file}.body.js`;
  return {
    files: {
      [`libs/contracts/${file}.ts`]: `/** A ${words}, as it is in a document. */
export interface ${type}Body {
  /** The name shown to people. */
  readonly title: string;
}
`,
      [`${folder}/${file}.body.ts`]: `import { Field } from '@nestjs/graphql';
import type { ${type}Body } from '@paddock/contracts';
import { BodyType } from '../body-type.js';
import { Text } from '../rules/text.js';

@BodyType('A ${words}.')
export class ${type} implements ${type}Body {
  @Field({ description: 'The name shown to people. At most 200 characters.' })
  @Text({ max: 200, filled: true })
  title: string;
}

export function to${type}(body: ${type}Body): ${type} {
  return Object.assign(new ${type}(), body);
}
`,
      [`${folder}/${file}.kind.ts`]: `import type { ${type}Body } from '@paddock/contracts';
import type { ConfigKind } from '../../documents/config-kind.js';
import { parseBody } from '../parse-body.js';
import { ${type} } from './${file}.body.js';

/** A ${words}. */
export const ${member}Kind: ConfigKind<${type}Body> = {
  name: '${file}',
  schemaVersion: 1,
  parse: (input) => parseBody(${type}, input),
  label: ({ title }) => title,
  references: () => [],
  checkAgainst: () => [],
  reach: () => ({ audiences: [], tags: [], places: [], claims: [] }),
};
`,
      [`${folder}/${file}.spec.ts`]: `import { expect, test } from 'vitest';
import { ${member}Kind } from './${file}.kind.js';

test('a whole body is kept as it is', () => {
  expect(${member}Kind.parse({ title: 'One' })).toEqual({ ok: true, body: { title: 'One' } });
});

test.each([
  { body: {}, path: 'title', code: 'REQUIRED' },
  { body: { title: 1 }, path: 'title', code: 'INVALID_TYPE' },
  { body: { title: 'One', other: 1 }, path: 'other', code: 'UNKNOWN_FIELD' },
])('$body is refused at $path: $code', ({ body, path, code }) => {
  expect(${member}Kind.parse(body)).toMatchObject({ ok: false, problems: [{ path, code }] });
});
`,
    },
    insertions: [
      { file: 'libs/contracts/documents.ts', before: /^\] as const;\nexport type KindName/, text: `  '${file}',\n` },
      {
        file: 'libs/contracts/index.ts',
        before: /^export \{ canonicalJson,/,
        text: `export type { ${type}Body } from './${file}.js';\n`,
      },
      {
        file: `${KINDS}/kinds.module.ts`,
        before: /^\n\/\*\* Registers the kinds/,
        text: `import { ${member}Kind } from './${file}/${file}.kind.js';\n`,
      },
      {
        file: `${KINDS}/kinds.module.ts`,
        before: /^ {6}\],\n {4}\},\n {2}\],\n {2}exports/,
        text: `        ${member}Kind,\n`,
      },
      {
        file: `${KINDS}/body.input.ts`,
        before: /^\n\/\*\* class-transformer drops/,
        text: `import { ${type} } from '${body}';\n`,
      },
      {
        file: `${KINDS}/body.input.ts`,
        before: /^\}\n(?![\s\S]*^\}\n)/,
        text: `\n  @Field(() => ${type}, { nullable: true, description: 'A ${words}.' })\n  @Type(() => ${type})\n  @Allow()\n  ${member}?: ${type};\n`,
      },
      {
        file: `${KINDS}/body.object.ts`,
        before: /^\nexport type DocumentBody =/,
        text: `import { ${type}, to${type} } from '${body}';\n`,
      },
      {
        file: `${KINDS}/body.object.ts`,
        before: /;\n\n\/\*\* The body of a document, as its kind has it/,
        text: ` | ${type}`,
      },
      { file: `${KINDS}/body.object.ts`, before: /^ {4}\] as const,/, text: `      ${type},\n` },
      {
        file: `${KINDS}/body.object.ts`,
        before: /^ {2}\}\n\}\n(?![\s\S]*^ {2}\}\n\}\n)/,
        text: `    case '${file}':\n      return to${type}(JSON.parse(stored));\n`,
      },
    ],
    left: [
      `give the body its fields: libs/contracts/${file}.ts and ${folder}/${file}.body.ts`,
      `its references, its reach and its checks: ${folder}/${file}.kind.ts`,
      'write the GraphQL schema: npm run check:drift -- --write',
      'a consumer that decodes it, and its page in docs/: CONTRIBUTING.md, "a kind of document"',
    ],
  };
}
