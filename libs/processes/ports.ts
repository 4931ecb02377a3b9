import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below those that systems give to outgoing connections: none of them takes the port of a process while that restarts. */
const LISTENING_PORTS = { first: 20_000, last: 32_000 };
const TRIES = 50;
/** Ports that browsers and `fetch` refuse: those of the Fetch Standard, "Port blocking", that a process may bind without privileges. */
const BLOCKED_PORTS = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/** A free TCP port of this host. Another process may take it before its user does. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = await bind(randomInt(LISTENING_PORTS.first, LISTENING_PORTS.last), host).catch(() => undefined);
    if (port !== undefined) return port;
  }
  return bind(0, host);
}

/**
 * The wanted port where it is free, otherwise a free one. Found out by binding, which is what its user will do. A port
 * that browsers refuse to ask is not free.
 */
export async function choosePort(wanted: number, host = '127.0.0.1'): Promise<number> {
  if (BLOCKED_PORTS.has(wanted)) return freePort(host);
  try {
    return await bind(wanted, host);
  } catch {
    return freePort(host);
  }
}

/**
 * Chooses like {@link choosePort}, and keeps other callers on this machine from choosing the same port until this process
 * ends: two installations that start at once, and one that restarts an app, do not take each other's ports.
 * @param wanted any port where it is left out
 */
export async function claimPort(wanted?: number, host = '127.0.0.1'): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = tries === 0 && wanted !== undefined ? wanted : await freePort(host);
    // Claimed before it is tried: two that try at once would each find the port taken by the other.
    if (BLOCKED_PORTS.has(port) || !(await claim(port))) continue;
    if (await bind(port, host).catch(() => undefined)) return port;
  }
  return freePort(host);
}

/**
 * An abstract socket named after the port: the kernel gives it to one process at a time and takes it back when that
 * process ends, however it ends. Systems other than Linux have none; a claim always succeeds there.
 */
async function claim(port: number): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const server = createServer((socket) => socket.destroy());
  const claimed = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ path: `\0paddock-port-${port}` }, () => resolve(true));
  });
  server.unref();
  return claimed;
}

function bind(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}
