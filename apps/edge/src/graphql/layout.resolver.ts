import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { FastifyRequest } from 'fastify';
import { clientKeyOf } from '@paddock/http-server';
import { LayoutReader } from '../http/layout-reader.js';
import { parsePage } from '@paddock/layouts';
import { answering } from './answering.js';
import { AudienceInput, claimsOf } from './audience.input.js';
import { Layout, toLayout } from './layout.object.js';

/** The part of the request that resolvers get. */
export interface EdgeContext {
  request: Pick<FastifyRequest, 'headers'>;
}

@Resolver()
export class LayoutResolver {
  constructor(private readonly layouts: LayoutReader) {}

  @Query(() => Layout, {
    description:
      'A page as a visitor sees it now: the same content as `GET /v1/{environment}/sites/{site}/layouts/{page}`.',
  })
  layout(
    @Context() { request }: EdgeContext,
    @Args('site') site: string,
    @Args('page') page: string,
    @Args('environment', { type: () => String, defaultValue: 'production' }) environment: string,
    @Args('audience', { type: () => AudienceInput, nullable: true }) audience: AudienceInput | undefined,
  ): Layout {
    const secret = clientKeyOf(request.headers);
    const read = answering(() =>
      this.layouts.read({ environment, site, page }, secret, () => claimsOf(audience), Date.now()),
    );
    const { bytes, etag } = read.body.identity;
    return toLayout(parsePage(bytes), etag, read.environment.state?.position.seq ?? 0);
  }
}
