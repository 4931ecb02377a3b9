import { spawn, spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findBinary, freePort } from '@paddock/processes';
import { temporaryDirectory, until } from '@paddock/testing';

/** nginx before an upstream, with what it has against many asking the same. */
export interface Nginx {
  readonly url: string;
  readonly version: string;
  stop(): Promise<void>;
}

/** `undefined` where nginx is not installed. One worker, as the proxy is one process. */
export async function startNginx(upstream: string): Promise<Nginx | undefined> {
  const binary = findBinary(['nginx']);
  if (!binary) return undefined;
  const { stderr } = spawnSync(binary, ['-v'], { encoding: 'utf8' });
  const directory = await temporaryDirectory();
  const port = await freePort();
  const at = (name: string): string => join(directory.path, name);
  await mkdir(at('logs'));
  await writeFile(at('nginx.conf'), config(upstream, port, at));
  const child = spawn(binary, ['-p', directory.path, '-c', at('nginx.conf'), '-e', at('error.log')], {
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${url}/healthy`)).ok, { what: 'nginx' });
  return {
    url,
    version: stderr.trim().replace('nginx version: ', ''),
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      await directory.remove();
    },
  };
}

function config(upstream: string, port: number, at: (name: string) => string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${at(name)};`)
    .join(' ');
  // Started by root, it would give its files to a user that may not enter the folder.
  const user = process.getuid?.() === 0 ? 'user root; ' : '';
  return `${user}daemon off; worker_processes 1; pid ${at('pid')}; error_log ${at('error.log')} crit;
events { worker_connections 8192; }
http {
  access_log off; ${temporary}
  proxy_cache_path ${at('cache')} keys_zone=odds:10m;
  upstream third_party { server ${new URL(upstream).host}; keepalive 64; }
  server {
    listen 127.0.0.1:${port}; keepalive_requests 1000000;
    location = /healthy { return 200; }
    location / {
      proxy_pass http://third_party; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_cache odds; proxy_cache_valid 200 1s; proxy_cache_key $uri$is_args$args;
      proxy_cache_lock on; proxy_cache_use_stale updating error timeout http_429; proxy_read_timeout 5s;
      add_header X-Cache $upstream_cache_status;
    }
  }
}
`;
}
