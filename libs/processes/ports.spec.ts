import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { choosePort, claimPort, freePort } from './ports.js';

test('two-claims-one-port: the second one gets another port, though nothing listens on the first yet', async () => {
  const wanted = await freePort();
  const first = await claimPort(wanted);
  expect(first).toBe(wanted);
  expect(await claimPort(wanted)).not.toBe(wanted);
  // A caller that does not claim sees a free port.
  expect(await choosePort(wanted)).toBe(wanted);
});

test('many claims at once are all different', async () => {
  const wanted = await freePort();
  const claimed = await Promise.all(Array.from({ length: 20 }, () => claimPort(wanted)));
  expect(new Set(claimed).size).toBe(20);
});

test('the claim of another process counts, and ends with it', async () => {
  const wanted = await freePort();
  const claiming = `
    const server = require('node:net').createServer();
    server.listen({ path: '\\0paddock-port-${wanted}' }, () => process.stdout.write('claimed'));
  `;
  const child = spawn(process.execPath, ['-e', claiming]);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  expect(await claimPort(wanted)).not.toBe(wanted);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  expect(await claimPort(wanted)).toBe(wanted);
});

test('a port with a listener is not claimed', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  expect(await claimPort(address.port)).not.toBe(address.port);
  await new Promise((resolve) => server.close(resolve));
});
