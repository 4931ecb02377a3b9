import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { AppName } from '@paddock/processes';
import { until } from '@paddock/testing';
import { ask, expectRefusal } from './answer.js';
import type { AttackedWorld } from './world.js';

const PORTS: readonly AppName[] = ['controlPlane', 'worker', 'edge', 'analytics', 'odds'];
const PUBLIC = PORTS.filter((name) => name !== 'worker');
/** From the opening of a connection that never says what it wants to its end. */
const PATIENCE_MS = 45_000;

/** A connection that keeps a port waiting, a byte at a time. */
interface SlowConnection {
  name: string;
  ended: Promise<number>;
}

/** Opens the slow connections of every port; they are judged at the end, so that the rest need not wait for them. */
export function openSlowConnections({ apps }: AttackedWorld): { connections: SlowConnection[]; close(): void } {
  const sockets: Socket[] = [];
  const drips: NodeJS.Timeout[] = [];
  const hold = (name: string, url: string, start: string, drip: string): SlowConnection => {
    const begun = performance.now();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined).resume();
    socket.write(start);
    drips.push(setInterval(() => socket.writable && socket.write(drip), 2_000));
    return { name, ended: once(socket, 'close').then(() => performance.now() - begun) };
  };
  const connections = PORTS.flatMap((app) => [
    hold(`${app}: a head that never ends`, apps[app].url, 'POST /graphql HTTP/1.1\r\nHost: x\r\n', 'X-A: b\r\n'),
    hold(
      `${app}: a body that never ends`,
      apps[app].url,
      `POST ${app === 'analytics' ? '/v1/events' : '/graphql'} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{`,
      ' ',
    ),
  ]);
  return {
    connections,
    close() {
      for (const drip of drips) clearInterval(drip);
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The behaviour of every port, whichever app is behind it. */
export function portRows(world: () => AttackedWorld): void {
  describe.each(PUBLIC)('the port of %s', (name) => {
    test('names a security contact: /.well-known/security.txt', async () => {
      const { status, headers, text } = await ask(`${world().apps[name].url}/.well-known/security.txt`);
      expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
      expect(text).toMatch(/^Contact: (?:mailto|https):\S+\n/);
      const [, expires = ''] = /^Expires: (\S+)$/m.exec(text) ?? [];
      expect(Date.parse(expires)).toBeGreaterThan(Date.now());
      expect(Date.parse(expires)).toBeLessThan(Date.now() + 365 * 86_400_000);
    });

    test('answers an unknown path in JSON, with a code and nothing internal', async () => {
      expectRefusal(await ask(`${world().apps[name].url}/admin.php`), 404, 'NOT_FOUND');
    });

    test('answers what is no HTTP, and a path that leads out, with a refusal', async () => {
      const { url } = world().apps[name];
      const answer = await new Promise<string>((resolve) => {
        let text = '';
        const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write('GARBAGE\r\n\r\n'));
        socket
          .on('data', (chunk) => (text += chunk.toString()))
          .on('close', () => resolve(text))
          .on('error', () => resolve(text));
      });
      expect(answer).toMatch(/^(?:$|HTTP\/1\.1 400 )/);
      const { status, text } = await ask(`${url}/v1/..%2f..%2f..%2fetc%2fpasswd`);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(text).not.toContain('root:');
    });
  });
}

/** Slow connections are ended on every port. */
export function slowRows(connections: () => readonly SlowConnection[]): void {
  test('a request that never ends is ended, on every port', async () => {
    const open = new Map(connections().map(({ name, ended }) => [name, ended]));
    for (const [name, ended] of open) void ended.then(() => open.delete(name));
    await until(() => open.size === 0, {
      timeoutMs: PATIENCE_MS,
      everyMs: 250,
      what: 'the end of slow requests',
    }).catch(() => undefined);
    expect([...open.keys()]).toEqual([]);
  });
}
