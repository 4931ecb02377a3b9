import { createHash } from 'node:crypto';
import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { matchesEtag } from '@paddock/runtime';
import { Problem, quote } from '../http/problem.js';
import { SAMPLE_PICTURES } from './pictures.js';

interface Picture {
  readonly bytes: Buffer;
  readonly etag: string;
}

/** The pictures that promos of the sample site name. They are part of the program: a new installation has no media yet. */
@Controller('media/sample')
export class SampleMediaController {
  private readonly pictures: ReadonlyMap<string, Picture> = new Map(
    Object.entries(SAMPLE_PICTURES).map(([file, base64]) => {
      const bytes = Buffer.from(base64, 'base64');
      return [file, { bytes, etag: `"${createHash('sha256').update(bytes).digest('hex')}"` }];
    }),
  );

  @Get(':file')
  picture(
    @Param('file') file: string,
    @Headers('if-none-match') known: string | undefined,
    @Res() reply: FastifyReply,
  ): void {
    const picture = this.pictures.get(file);
    if (!picture) throw new Problem(404, 'NOT_FOUND', `there is no sample picture ${quote(file)}`);
    reply.header('etag', picture.etag).header('cache-control', 'public, max-age=86400');
    if (matchesEtag(known, picture.etag)) void reply.code(304).send();
    else void reply.type('image/png').send(picture.bytes);
  }
}
