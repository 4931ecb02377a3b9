import { afterAll, beforeAll, describe } from 'vitest';
import { accessRows } from './access-rows.js';
import { auditRows } from './audit-rows.js';
import { contentRows } from './content-rows.js';
import { graphqlRows } from './graphql-rows.js';
import { openSlowConnections, portRows, slowRows } from './port-rows.js';
import { type AttackedWorld, sampleIsServed, startAttackedWorld } from './world.js';

/**
 * Bad inputs and the answers to them, on every port and API that takes them: one installation in production mode, run
 * from what the image holds. docs/security.md says which attacks these are.
 */
describe('an installation under attack', () => {
  let world: AttackedWorld;
  let slow: ReturnType<typeof openSlowConnections>;
  beforeAll(async () => {
    world = await startAttackedWorld();
    slow = openSlowConnections(world);
    await sampleIsServed(world.apps);
  });
  afterAll(async () => {
    slow?.close();
    await world?.close();
  });

  portRows(() => world);
  graphqlRows(() => world);
  accessRows(() => world);
  contentRows(() => world);
  auditRows(() => world);
  slowRows(() => slow.connections);
});
