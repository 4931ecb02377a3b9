import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { clientKeyOf } from '@paddock/http-server';
import { encodingFor, matchesEtag } from '@paddock/runtime';
import { openEnvironment } from '../http/client-access.js';
import { invalidParameters, Problem, quote } from '../http/problem.js';
import { Environments } from '../state/environments.js';
import { Manifests } from './manifests.js';

/** Everything live, by name and by content, for consumers that keep a copy of their own. */
@Controller('v1/:environment')
export class ArtefactsController {
  constructor(
    private readonly environments: Environments,
    private readonly manifests: Manifests,
  ) {}

  @Get('manifest')
  async manifest(
    @Param('environment') name: string,
    @Query() query: Record<string, unknown>,
    @Headers() headers: Record<string, string | undefined>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    refuseParameters(query);
    const { environment, state, key } = openEnvironment(this.environments, name, clientKeyOf(headers), 'sync');
    const encoding = encodingFor(headers['accept-encoding']);
    const etag = this.manifests.etagOf(state, encoding);
    const seq = environment.seqText;
    reply
      .header('vary', 'Accept-Encoding, Paddock-Client-Key')
      .header('cache-control', 'no-cache')
      .header('paddock-seq', seq)
      .header('etag', etag);
    if (matchesEtag(headers['if-none-match'], etag)) {
      await reply.code(304).send();
      return;
    }
    const made = await this.manifests.read(environment, state, key?.site ?? null, encoding);
    if (made.encoding) reply.header('content-encoding', made.encoding);
    await reply.type('application/json; charset=utf-8').send(made.bytes);
  }

  @Get('blobs/:sha256')
  blob(
    @Param('environment') name: string,
    @Param('sha256') sha256: string,
    @Query() query: Record<string, unknown>,
    @Headers() headers: Record<string, string | undefined>,
    @Res() reply: FastifyReply,
  ): void {
    refuseParameters(query);
    openEnvironment(this.environments, name, clientKeyOf(headers), 'sync');
    if (!/^[0-9a-f]{64}$/.test(sha256))
      throw invalidParameters([
        { field: 'sha256', message: `${quote(sha256)} is not 64 lower-case hexadecimal digits` },
      ]);
    const blob = this.environments.arena.find(sha256);
    if (!blob)
      throw new Problem(404, 'UNKNOWN_BLOB', `no document that is live or was recently has the body ${sha256}`);
    const etag = `"${sha256}"`;
    reply
      .header('etag', etag)
      .header('cache-control', 'private, max-age=31536000, immutable')
      .header('vary', 'Paddock-Client-Key');
    if (matchesEtag(headers['if-none-match'], etag)) void reply.code(304).send();
    else void reply.type('application/json; charset=utf-8').send(blob.bytes());
  }
}

function refuseParameters(query: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(query);
  if (names.length > 0)
    throw invalidParameters(
      names.map((name) => ({ field: name.slice(0, 40), message: 'is not a parameter; there are none' })),
    );
}
