import { Controller, Get, Headers, Param, Query, Req, Res } from '@nestjs/common';
import { HttpPort } from '@paddock/http-server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Access, openEnvironment, secretOf } from '../http/client-access.js';
import { Problem } from '../http/problem.js';
import { Environments } from '../state/environments.js';
import { describeChange, viewOf } from './change-frames.js';
import { ChangeStream } from './change-stream.js';
import { clientKeyIn, lastEventIdOf, parseChangesQuery } from './changes.query.js';

/** Releases per answer; `to` says where to continue. */
const MAX_CHANGES = 500;

/** What landed: as a stream for frontends, as lists for consumers that keep a copy. */
@Controller('v1/:environment/changes')
export class ChangesController {
  constructor(
    private readonly environments: Environments,
    private readonly stream: ChangeStream,
    private readonly port: HttpPort,
  ) {}

  @Get()
  changes(
    @Param('environment') name: string,
    @Query() query: Record<string, unknown>,
    @Headers() headers: Readonly<Record<string, string | string[] | undefined>>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): void {
    const access = openEnvironment(this.environments, name, secretOf(headers, clientKeyIn(query)), 'read');
    const { since, lastEventId } = parseChangesQuery(query);
    if (since === undefined) this.open(access, lastEventIdOf(headers['last-event-id']) ?? lastEventId, request, reply);
    else
      void reply
        .header('cache-control', 'no-store')
        .header('paddock-seq', access.environment.seqText)
        .send(this.list(access, since));
  }

  private list(access: Access, since: number): object {
    const { environment, state } = access;
    const { epoch, seq: current } = state.position;
    if (since > current && !environment.recent.isDistrusted(since)) {
      throw new Problem(503, 'BEHIND', `this edge is at seq ${current}, behind seq ${since}`, {
        headers: { 'Retry-After': '1' },
      });
    }
    const missed = environment.recent.after(since, current);
    if (!missed) {
      const manifest = `/v1/${encodeURIComponent(environment.name)}/manifest`;
      throw new Problem(410, 'CHANGES_GONE', `the releases after seq ${since} are no longer kept; read the manifest`, {
        manifest,
        headers: { Link: `<${manifest}>; rel="alternate"` },
      });
    }
    const view = viewOf(access);
    const changes = missed.slice(0, MAX_CHANGES);
    return {
      epoch,
      from: since,
      to: changes.at(-1)?.change.seq ?? since,
      current,
      changes: changes.map((change) => describeChange(change, view)),
    };
  }

  private open(access: Access, lastSeq: number | undefined, request: FastifyRequest, reply: FastifyReply): void {
    if (this.stream.isFull) {
      throw new Problem(503, 'TOO_MANY_STREAMS', 'this edge has as many open streams as it takes', {
        headers: { 'Retry-After': '5' },
      });
    }
    this.port.openStream(request.raw);
    const response = reply.raw;
    reply.hijack();
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // Tells nginx and its like to pass events on as they come.
      'X-Accel-Buffering': 'no',
    });
    // There is no event for it to wait for: without this it would wait for a head that is sent with the first one.
    if (request.method === 'HEAD') response.end();
    else this.stream.add(response, access.environment, viewOf(access), lastSeq);
  }
}
