import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '@paddock/http-server';
import { type CollectAnswer, Collector } from '../collector/collector.js';
import { keyOf, ProducerKeys } from '../collector/producer-keys.js';
import { unpackBody, UnreadableBody } from '../collector/read-body.js';
import { readEvents, readSegment, readSegmentCall } from '../collector/read-events.js';
import type { SegmentBatch, SenderOf } from '../collector/segment.js';
import { BATCH_PATHS, CALL_PATHS } from './event-paths.js';
import { unauthenticated } from './problem-of.js';

/** Ingests events. */
@Controller()
export class EventsController {
  constructor(
    @Inject(Collector) private readonly collector: Collector,
    @Inject(ProducerKeys) private readonly keys: ProducerKeys,
  ) {}

  /**
   * NDJSON, a JSON array or one object. 202 means that the accepted events are in the log, 422 that none were accepted.
   */
  @Post('v1/events')
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

  /** Batches of Segment's HTTP API. */
  @Post([...BATCH_PATHS])
  async batch(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<SdkAnswer> {
    const { contracts, limits } = this.collector;
    const body = await this.unpacked(request);
    return this.take(await readSegment(body, contracts, limits.maxEvents, this.senderOf(request)), request, reply);
  }

  /** One call of Segment's HTTP API. */
  @Post([...CALL_PATHS.keys()])
  async call(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<SdkAnswer> {
    const call = CALL_PATHS.get(request.routeOptions.url ?? '');
    if (!call) throw new TypeError('every route is one of the paths');
    const body = await this.unpacked(request);
    return this.take(readSegmentCall(body, this.collector.contracts, call, this.senderOf(request)), request, reply);
  }

  /**
   * SDKs repeat every request that is not answered by 200, except on 400, which they report. So 400 is sent only where
   * every event is refused, and a batch that was accepted in part is not repeated.
   */
  private async take(
    { events, producer, sentAt }: SegmentBatch,
    { headers }: FastifyRequest,
    reply: FastifyReply,
  ): Promise<SdkAnswer> {
    const answer = await this.collector.take(events, { producer, userAgent: headers['user-agent'], sentAt });
    const [first] = answer.rejected;
    if (answer.accepted === 0 && first) {
      const { field, message } = first;
      throw new Problem(400, 'EVENTS_REFUSED', field === undefined ? message : `${field} ${message}`, {
        success: false,
        ...answer,
      });
    }
    reply.code(200);
    return { success: true, ...answer };
  }

  private senderOf({ headers, query }: FastifyRequest): SenderOf {
    return (writeKey) => ({
      producer: this.producerOf(keyOf(headers, query) ?? writeKey),
      receivedAt: this.collector.now(),
    });
  }

  private unpacked({ body, headers }: FastifyRequest): Promise<Buffer> {
    if (!Buffer.isBuffer(body)) throw new UnreadableBody(400, 'BODY_MISSING', 'is missing');
    return unpackBody(body, headers['content-encoding'], this.collector.limits.maxBodyBytes);
  }

  private producerOf(key: string | undefined): string {
    const producer = this.keys.producerOf(key);
    if (producer === undefined) throw unauthenticated(key);
    return producer;
  }
}

/** The answer to SDKs: the result of each event, beside the member that Segment's own API answers with. */
type SdkAnswer = CollectAnswer & { success: true };
