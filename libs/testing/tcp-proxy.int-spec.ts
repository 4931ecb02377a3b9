import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TcpProxy } from './tcp-proxy.js';
import { until } from './until.js';

describe('a TCP proxy', () => {
  let echo: Server;
  let proxy: TcpProxy;
  let client: Socket;
  let received: string;
  let served: string;

  beforeEach(async () => {
    received = '';
    served = '';
    echo = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        served += chunk.toString();
        socket.write(chunk);
      });
    });
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const { port } = echo.address() as AddressInfo;
    proxy = await TcpProxy.to(port);
    client = await connected();
  });

  afterEach(async () => {
    client.destroy();
    await proxy.close();
    echo.close();
  });

  async function connected(): Promise<Socket> {
    const socket = connect(proxy.port, '127.0.0.1');
    socket.on('data', (chunk) => (received += chunk.toString()));
    await once(socket, 'connect');
    return socket;
  }

  test('passes bytes on', async () => {
    client.write('hello');
    await until(() => received === 'hello');
  });

  test('slow: holds bytes back and keeps their order when the delay ends', async () => {
    proxy.slow(200);
    const sentAt = performance.now();
    client.write('first ');
    await until(() => served === 'first ');
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(195);
    proxy.heal();
    client.write('second');
    await until(() => received === 'first second');
  });

  test('swallowReplies: the server gets data, the client does not, and after healing no client reads on in mid-stream', async () => {
    const reset = once(client, 'error');
    proxy.swallowReplies();
    client.write('commit');
    await until(() => served === 'commit');
    proxy.heal();
    expect(String(await reset)).toContain('ECONNRESET');
    expect(received).toBe('');
  });

  test('loseReplyTo: replies come until that request, and none from it on', async () => {
    const reset = once(client, 'error');
    proxy.loseReplyTo('COMMIT');
    client.write('BEGIN ');
    await until(() => received === 'BEGIN ');
    client.write('COMMIT');
    await until(() => served === 'BEGIN COMMIT');
    proxy.heal();
    expect(String(await reset)).toContain('ECONNRESET');
    expect(received).toBe('BEGIN ');
  });

  test('refuse: open connections and new ones are reset until it heals', async () => {
    const reset = once(client, 'error');
    proxy.refuse();
    expect(String(await reset)).toContain('ECONNRESET');
    const late = connect(proxy.port, '127.0.0.1');
    expect(String(await once(late, 'error'))).toContain('ECONNRESET');
    proxy.heal();
    client = await connected();
    client.write('again');
    await until(() => received === 'again');
  });
});
