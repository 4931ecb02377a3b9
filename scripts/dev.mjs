// npm run dev [-- control-plane worker edge analytics odds] [--inspect]: npm start, and each edit of a source file restarts
// the processes that contain it. Only the apps that are named are watched; all of them where none is.
import { parseArgs } from 'node:util';
import { runSession } from './local/session.mjs';
import { explain } from './setup/progress.mjs';

const { values, positionals } = parseArgs({
  options: { inspect: { type: 'boolean', default: false } },
  allowPositionals: true,
});

/** @type {import('./dev/reloader.mjs').Reloader | undefined} */
let reloader;
const system = await runSession({
  prepareApps: async () => {
    // Needs the packages and the compiled sources, which are here only now.
    const { Reloader } = await import('./dev/reloader.mjs');
    const prepared = await Reloader.prepare({ names: positionals, inspect: values.inspect });
    reloader = prepared;
    return (options) => prepared.makeApp(options);
  },
});
if (system && reloader) await reloader.run(system).catch(explain);
