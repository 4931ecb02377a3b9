import { runApp } from '@paddock/runtime';
import { createControlPlane } from './control-plane.js';
import { readSettings } from './settings.js';

await runApp('control-plane', () => readSettings(process.env), createControlPlane);
