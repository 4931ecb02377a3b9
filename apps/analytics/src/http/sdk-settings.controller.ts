import { Controller, Get, Inject, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ownOriginOf } from '@paddock/http-server';
import { keyOf, ProducerKeys } from '../collector/producer-keys.js';
import { unauthenticated } from './problem-of.js';

/** A fixed time: a source never changes. */
const UNCHANGED_SINCE = '2026-01-01T00:00:00.000Z';

/** The settings that browser SDKs fetch before they send: where events go, and that there are no other destinations. */
@Controller()
export class SdkSettingsController {
  constructor(@Inject(ProducerKeys) private readonly keys: ProducerKeys) {}

  /** Settings of Segment's SDK, which asks its `cdnURL` for them. */
  @Get('v1/projects/:writeKey/settings')
  segment(@Param('writeKey') writeKey: string, @Req() { raw }: FastifyRequest): object {
    this.authorizeProducer(writeKey);
    const { host, protocol } = new URL(ownOriginOf(raw));
    return {
      integrations: {
        'Segment.io': {
          apiKey: writeKey,
          apiHost: `${host}/v1`,
          protocol: protocol.replace(':', ''),
          deliveryStrategy: { strategy: 'standard' },
        },
      },
      plan: { track: { __default: { enabled: true } } },
      // Events about the SDK itself are not kept here.
      metrics: { sampleRate: 0 },
      remotePlugins: [],
      edgeFunction: {},
      analyticsNextEnabled: true,
    };
  }

  /** The configuration of a source that RudderStack's SDKs ask their `configUrl` for. */
  @Get(['sourceConfig', 'sourceConfig/*'])
  rudderStack(@Req() { headers, query }: FastifyRequest): object {
    const key = keyOf(headers, query);
    const name = this.authorizeProducer(key);
    return {
      source: {
        id: name,
        name,
        writeKey: key,
        enabled: true,
        workspaceId: 'paddock',
        config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
        connections: [],
        destinations: [],
        dataplanes: {},
        updatedAt: UNCHANGED_SINCE,
      },
      updatedAt: UNCHANGED_SINCE,
    };
  }

  private authorizeProducer(key: string | undefined): string {
    const producer = this.keys.producerOf(key);
    if (producer === undefined) throw unauthenticated(key);
    return producer;
  }
}
