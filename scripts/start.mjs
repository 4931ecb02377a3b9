// npm start: brings up all of Paddock on this machine and keeps it up. Runs on any Node from 20 on.
import { runSession } from './local/session.mjs';

await runSession();
