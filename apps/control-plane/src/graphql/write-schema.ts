// node dist/apps/control-plane/src/graphql/write-schema.js <file>: writes the schema, sorted, so that a change shows as a diff.
import { writeFile } from 'node:fs/promises';
import { printedSchema } from '@paddock/graphql';
import { buildSchema } from './build-schema.js';

const [file] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('which file?\n');
  process.exit(1);
}
await writeFile(file, printedSchema(await buildSchema()));
