// npm run build: compiles the sources into dist where they changed.
import { build } from './setup/build.mjs';
import { installDependencies } from './setup/install.mjs';

await installDependencies();
await build();
