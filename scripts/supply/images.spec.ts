import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { digestOf, imagesIn, withDigests } from './image-references.mjs';

interface Service {
  build?: { context: string; target: string };
  image?: string;
  extends?: { file: string };
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  privileged?: boolean;
  security_opt?: string[];
  tmpfs?: string[];
  pids_limit?: number;
  cpus?: number;
  mem_limit?: string;
  ports?: string[];
  volumes?: string[];
  command?: string[] | string;
  network_mode?: string;
  healthcheck?: { test?: string[] };
  profiles?: string[];
  depends_on?: Record<string, { condition: string }>;
}

const read = (path: string): Promise<string> => readFile(path, 'utf8');
const deploy = (await readdir('deploy')).filter((name) => /\.ya?ml$/.test(name)).map((name) => `deploy/${name}`);
const composeFiles = ['docker-compose.yml', ...deploy];
const services = (
  await Promise.all(
    composeFiles.map(async (file) =>
      Object.entries(
        (parse(await read(file), { merge: true }) as { services?: Record<string, Service> }).services ?? {},
      ).map(([name, service]) => ({ file, name, service })),
    ),
  )
).flat();
/** Those in other files are checked there. */
const own = services.filter(({ service }) => !service.extends);

describe('every container of the Compose files', () => {
  it('is known to this test', () => {
    expect(own.map(({ name }) => name).sort()).toEqual(
      expect.arrayContaining(['analytics', 'control-plane', 'edge', 'mariadb', 'odds', 'redis', 'setup', 'worker']),
    );
  });

  it.each(own.map(({ file, name, service }) => [`${file}: ${name}`, service] as const))(
    '%s is not root, gains no privilege and writes nothing but its volumes and a small /tmp',
    (_, service) => {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        user: expect.not.stringMatching(/^(root|0)(:|$)/),
      });
      expect(service.security_opt).toContain('no-new-privileges:true');
      expect([service.cap_add, service.privileged, service.network_mode]).toEqual([undefined, undefined, undefined]);
      for (const mount of service.tmpfs ?? []) expect(mount).toMatch(/^\/[^:]+:size=\d+m,.*\bnoexec,nosuid,nodev$/);
      expect((service.volumes ?? []).filter((volume) => /^[./~]/.test(volume) && !volume.endsWith(':ro'))).toEqual([]);
    },
  );

  it.each(own.map(({ file, name, service }) => [`${file}: ${name}`, service] as const))(
    '%s has limits of memory, processors and processes',
    (_, service) => {
      expect(service).toMatchObject({
        mem_limit: expect.any(String),
        cpus: expect.any(Number),
        pids_limit: expect.any(Number),
      });
    },
  );

  it.each(own.map(({ file, name, service }) => [`${file}: ${name}`, service] as const))(
    '%s is reached from this machine alone',
    (_, service) => {
      for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    },
  );

  it('says how well it is, or ends by itself and is waited for', () => {
    // A service with a profile runs only on request.
    const without = own
      .filter(({ service }) => !service.healthcheck?.test?.length && !service.profiles)
      .map(({ name }) => name);
    const waitedFor = services
      .flatMap(({ service }) => Object.entries(service.depends_on ?? {}))
      .filter(([, { condition }]) => condition === 'service_completed_successfully');
    expect(without).toEqual([...new Set(waitedFor.map(([name]) => name))]);
  });
});

describe('the image', () => {
  it('is made of stages that are pinned by digest or made here', async () => {
    const dockerfile = await read('Dockerfile');
    const stages = [...dockerfile.matchAll(/^FROM (\S+)(?: AS (\S+))?$/gm)].map(([, from = '', name]) => ({
      from,
      name,
    }));
    const made = new Set(['scratch', ...stages.map(({ name }) => name)]);
    expect(stages.filter(({ from }) => !made.has(from)).map(({ from }) => from)).toEqual([
      expect.stringMatching(/^node:24\.\d+\.\d+-bookworm-slim@sha256:[0-9a-f]{64}$/),
    ]);
  });

  /** The stages of docker build --target: each contains what an app loads. */
  const stages = async (): Promise<Map<string, string>> =>
    new Map(
      (await read('Dockerfile'))
        .split(/^FROM /m)
        .map((stage) => [/^\S+ AS (\S+)/.exec(stage)?.[1] ?? '', stage] as const),
    );

  it('starts from one layer of the system, without compiler, npm or sources, and not as root', async () => {
    const runtime = (await stages()).get('runtime') ?? '';
    expect(runtime).toMatch(/^scratch AS runtime\n/);
    expect(runtime.match(/^COPY .*$/gm)).toEqual(['COPY --from=system / /']);
    expect(runtime).not.toMatch(/^RUN/m);
    expect(runtime).toMatch(/^USER 1000:1000$/m);
  });

  it('holds what one app loads, and nothing of the others', async () => {
    const { projects } = JSON.parse(await read('nest-cli.json')) as { projects: Record<string, unknown> };
    const all = await stages();
    for (const app of Object.keys(projects)) {
      expect(all.get(app)?.split('\n')[0]).toBe(`runtime AS ${app}`);
      expect(all.get(app)?.match(/^(COPY|RUN|USER) .*$/gm)).toEqual([`COPY --from=build /runtime/${app} /paddock`]);
    }
  });

  it('exists for every service of the Compose file that is built here', async () => {
    const all = await stages();
    const built = own.filter(({ service }) => service.build);
    expect(built.map(({ name }) => name).sort()).toEqual(
      ['analytics', 'cli', 'control-plane', 'edge', 'odds', 'sample', 'setup', 'worker'].sort(),
    );
    for (const { service } of built) {
      expect(all.get(service.build?.target ?? '')).toMatch(/^runtime AS /);
      expect(service.image).toBe(`paddock-${service.build?.target}`);
    }
  });

  it.each(['Dockerfile', ...composeFiles])('%s names no image by its tag alone', async (file) => {
    expect(imagesIn(await read(file)).filter(({ digest }) => !digest)).toEqual([]);
  });
});

describe('pinning images', () => {
  const digest = `sha256:${'ab'.repeat(32)}`;

  it('finds and pins what a file names, once more too', () => {
    const text = 'FROM node:24-slim AS base\nFROM base AS build\n  image: redis:7\n  image: paddock\n';
    const pinned = withDigests(
      text,
      new Map([
        ['node:24-slim', digest],
        ['redis:7', digest],
      ]),
    );
    expect(pinned).toBe(
      `FROM node:24-slim@${digest} AS base\nFROM base AS build\n  image: redis:7@${digest}\n  image: paddock\n`,
    );
    const newer = `sha256:${'cd'.repeat(32)}`;
    expect(imagesIn(withDigests(pinned, new Map([['redis:7', newer]])))).toEqual([
      { repository: 'node', tag: '24-slim', digest },
      { repository: 'redis', tag: '7', digest: newer },
    ]);
  });

  it('asks a registry as its protocol says: token, then the digest of the index', async () => {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://registry');
      const here = `http://${request.headers.host}`;
      if (url.pathname === '/token') response.end(JSON.stringify({ token: `for ${url.searchParams.get('scope')}` }));
      else if (!request.headers.authorization)
        response
          .writeHead(401, {
            'www-authenticate': `Bearer realm="${here}/token",service="registry",scope="repository:library/redis:pull"`,
          })
          .end();
      else if (
        request.headers.authorization === 'Bearer for repository:library/redis:pull' &&
        request.method === 'HEAD' &&
        url.pathname === '/v2/library/redis/manifests/7.4'
      )
        response
          .writeHead(200, {
            'docker-content-digest': digest,
            'content-type': 'application/vnd.oci.image.index.v1+json',
          })
          .end();
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const registry = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    try {
      expect(await digestOf({ repository: 'redis', tag: '7.4' }, registry)).toBe(digest);
      await expect(digestOf({ repository: 'redis', tag: 'gone' }, registry)).rejects.toThrow('404 for redis:gone');
    } finally {
      server.close();
    }
  });
});
