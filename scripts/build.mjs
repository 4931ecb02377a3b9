// npm run build: compiles the sources into dist where they changed.
import { build } from './setup/build.mjs';
import { installDependencies } from './setup/install.mjs';
import { findNode } from './setup/node.mjs';

await installDependencies();
await build(await findNode());
