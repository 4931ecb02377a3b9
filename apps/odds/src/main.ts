import { runApp } from '@paddock/runtime';
import { createOdds } from './create-odds.js';
import { InvalidFeeds } from './feeds/feed-config.js';
import { InvalidUpstreams } from './proxy/upstream-schema.js';
import { UnusableUpstream } from './proxy/upstream.js';
import { readSettings } from './settings.js';
import { PendingMigrations } from './storage/migrate.js';

await runApp('odds', () => readSettings(process.env), createOdds, {
  expected: [InvalidFeeds, InvalidUpstreams, PendingMigrations, UnusableUpstream],
});
