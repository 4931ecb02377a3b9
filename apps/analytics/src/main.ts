import { runApp } from '@paddock/runtime';
import { createAnalytics } from './create-analytics.js';
import { readSettings } from './settings.js';

await runApp('analytics', () => readSettings(process.env), createAnalytics);
