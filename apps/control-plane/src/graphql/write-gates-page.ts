// node dist/apps/control-plane/src/graphql/write-gates-page.js <file>: writes docs/gates.md from the gates that modules register.
import { writeFile } from 'node:fs/promises';
import { AppModule } from '../app.module.js';
import { inOrder, RegisteredGates } from '../releases/gates/gate-registry.js';
import { gatesPage } from '../releases/gates/gates-page.js';
import { ROLLBACK_GATES } from '../releases/gates/index.js';
import { valuesOf } from './providers-of.js';

const [file] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('which file?\n');
  process.exit(1);
}
const registered = valuesOf(AppModule, RegisteredGates).flatMap(({ gates }) => gates);
await writeFile(file, gatesPage([...inOrder(registered), ...ROLLBACK_GATES]));
