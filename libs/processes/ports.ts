import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below those that systems give to outgoing connections: none of them takes the port of a process while that restarts. */
const LISTENING_PORTS = { first: 20_000, last: 32_000 };
const TRIES = 50;
/** Where no browser and no `fetch` goes, whoever listens: of the Fetch Standard, "Port blocking", those that need no rights to be taken. */
const BLOCKED_PORTS = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/** A TCP port of this host that nobody listens on. Somebody else may take it before its user does. */
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
