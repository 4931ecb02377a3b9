import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { until } from '@paddock/testing';

/** A process whose app is a bare HTTP server, with what it does while it starts and closes. */
function run({ port = 0, create = '', close = '', after = '' }) {
  const code = `
    import { createServer } from 'node:http';
    import { once } from 'node:events';
    import { runApp } from '#built/runtime';
    const settings = { logLevel: 'info', host: '127.0.0.1', port: ${port}, crashAt: undefined, otlpEndpoint: undefined };
    await runApp('sample', () => settings, async (_, logger) => {
      ${create};
      const server = createServer((_request, response) => response.end('served'));
      return {
        async listen(port, host) { await once(server.listen(port, host), 'listening'); },
        async getUrl() { return 'http://127.0.0.1:' + server.address().port; },
        async close() { ${close}; server.close(); server.closeAllConnections(); logger.info('closed'); },
      };
    });
    ${after};`;
  // As built, because that is what runs in production.
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code]);
  const lines: { msg: string; [member: string]: unknown }[] = [];
  child.stdout.on('data', (data) => {
    for (const line of String(data).trim().split('\n')) lines.push(JSON.parse(line));
  });
  const stderr = text(child.stderr);
  const exited = once(child, 'close').then(async ([code, signal]) => ({ code, signal, stderr: await stderr }));
  const logged = (message: string) => until(() => lines.find(({ msg }) => msg === message), { what: message });
  return { child, exited, logged };
}

describe('an app as a process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('serves until %s, closes and exits with 0', async (signal) => {
    const { child, exited, logged } = run({});
    const { url } = await logged('listening');
    expect(await (await fetch(String(url))).text()).toBe('served');
    child.kill(signal);
    await logged('closed');
    expect(await exited).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  it('exits with 0 at once where the signal comes during a start that waits', async () => {
    const { child, exited, logged } = run({
      create: "logger.info('waiting'); setInterval(() => {}, 1_000); await new Promise(() => {})",
    });
    await logged('waiting');
    const began = performance.now();
    child.kill('SIGTERM');
    expect(await exited).toMatchObject({ code: 0, signal: null });
    expect(performance.now() - began).toBeLessThan(4_000);
  });

  it('exits with 1 where closing fails', async () => {
    const { child, exited, logged } = run({ close: "throw new Error('a lease is held')" });
    await logged('listening');
    child.kill('SIGTERM');
    expect(await logged('could not close cleanly')).toMatchObject({ err: { message: 'a lease is held' } });
    expect(await exited).toMatchObject({ code: 1 });
  });

  it('exits with 1 where closing takes too long', async () => {
    const { child, exited, logged } = run({ close: 'await new Promise(() => {})' });
    await logged('listening');
    child.kill('SIGTERM');
    await logged('could not close in time');
    expect(await exited).toMatchObject({ code: 1 });
  });

  it('says in one line which port is taken', async () => {
    const taken = createServer();
    await once(taken.listen(0, '127.0.0.1'), 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, stderr } = await run({ port }).exited;
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^port ${port} cannot be listened on: .*\\n$`));
    taken.close();
  });

  it('shows the stack of an unexpected failure', async () => {
    const { code, stderr } = await run({ create: "throw new Error('unforeseen')" }).exited;
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^Error: unforeseen\n {4}at /)]);
  });

  it.each([
    ['uncaughtException', "setImmediate(() => { throw new Error('broken invariant'); })"],
    ['unhandledRejection', "void Promise.reject(new Error('broken invariant'))"],
  ])('logs the reason of a crash by an %s, and exits with 1', async (origin, after) => {
    const { exited, logged } = run({ after });
    expect(await logged('crashed')).toMatchObject({
      level: 'fatal',
      app: 'sample',
      origin,
      err: { message: 'broken invariant', stack: expect.stringContaining('broken invariant') },
    });
    expect(await exited).toMatchObject({ code: 1, stderr: expect.stringContaining('broken invariant') });
  });
});
