import { Controller, HttpCode, Inject, Post, Req, Res, UnauthorizedException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type CollectAnswer, Collector } from '../collector/collector.js';
import { keyOf, ProducerKeys } from '../collector/producer-keys.js';
import { unpackBody, UnreadableBody } from '../collector/read-body.js';
import { readEvents, readSegment } from '../collector/read-events.js';

/** Takes events in. */
@Controller('v1')
export class EventsController {
  constructor(
    @Inject(Collector) private readonly collector: Collector,
    @Inject(ProducerKeys) private readonly keys: ProducerKeys,
  ) {}

  /** NDJSON, a JSON array or one object. 202 says that what was accepted is in the log; 422 that nothing was. */
  @Post('events')
  async events(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CollectAnswer> {
    const producer = this.producerOf(keyOf(request.headers, request.query));
    const { events, sentAt } = await readEvents(await this.unpacked(request), this.collector.limits.maxEvents);
    const answer = await this.collector.take(events, { producer, userAgent: request.headers['user-agent'], sentAt });
    reply.code(answer.accepted > 0 || events.length === 0 ? 202 : 422);
    return answer;
  }

  /** Segment's HTTP API: its clients repeat whatever is not answered by 200, so refused events do not fail the batch. */
  @Post('batch')
  @HttpCode(200)
  async batch(@Req() request: FastifyRequest): Promise<CollectAnswer & { success: true }> {
    const batch = await readSegment(
      await this.unpacked(request),
      this.collector.contracts,
      this.collector.limits.maxEvents,
    );
    const producer = this.producerOf(keyOf(request.headers, request.query) ?? batch.writeKey);
    const answer = await this.collector.take(batch.events, {
      producer,
      userAgent: request.headers['user-agent'],
      sentAt: batch.sentAt,
    });
    return { success: true, ...answer };
  }

  private unpacked({ body, headers }: FastifyRequest): Promise<Buffer> {
    if (!Buffer.isBuffer(body)) throw new UnreadableBody(400, 'BODY_MISSING', 'is missing');
    return unpackBody(body, headers['content-encoding'], this.collector.limits.maxBodyBytes);
  }

  private producerOf(key: string | undefined): string {
    const producer = this.keys.producerOf(key);
    if (producer === undefined)
      throw new UnauthorizedException(key === undefined ? 'a key is needed to send events' : 'this key is not known');
    return producer;
  }
}
