import type { HazardRow } from '../hazard-row.js';
import { ARTEFACTS } from './artefacts.js';
import { CLIENTS } from './clients.js';
import { CLOCKS } from './clocks.js';
import { DEPLOYS } from './deploys.js';
import { DISKS } from './disks.js';
import { JOBS } from './jobs.js';
import { KILLS } from './kills.js';
import { MYSQL } from './mysql.js';
import { NETWORKS } from './networks.js';
import { PAUSES } from './pauses.js';
import { RACES } from './races.js';
import { REDIS } from './redis.js';
import { SLOW_CLIENTS } from './slow-clients.js';

/** The fault matrix, row by row; rows that share an installation stand together. */
export const ROWS: readonly HazardRow[] = [
  ...[KILLS, REDIS, MYSQL, NETWORKS, JOBS, RACES, ARTEFACTS, CLOCKS, CLIENTS],
  ...[PAUSES, DEPLOYS, DISKS],
  SLOW_CLIENTS,
].flat();
