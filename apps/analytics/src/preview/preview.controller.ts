import { timingSafeEqual } from 'node:crypto';
import {
  Body,
  Controller,
  Headers,
  HttpCode,
  Inject,
  NotFoundException,
  Post,
  UnauthorizedException,
} from '@nestjs/common';
import { sha256Hex } from '@paddock/contracts';
import { type MetricPreview, PREVIEW_GRAINS } from '@paddock/metrics';
import { Analytics } from '../analytics.js';
import { InvalidDefinitions, parseDefinitions } from '../definitions/definitions-file.js';
import { UnanswerableQuery } from '../queries/series-answer.js';
import { NoPreview, previewMetric } from './preview.js';

/** The secret that authorizes the control plane; without one there are no previews. */
export class InternalToken {
  constructor(private readonly token: string | undefined) {}

  /** @throws NotFoundException where none is set, UnauthorizedException */
  authorize(authorization: string | undefined): void {
    if (this.token === undefined) throw new NotFoundException('previews are not open here');
    const given = sha256Hex(authorization ?? '');
    if (!timingSafeEqual(Buffer.from(given), Buffer.from(sha256Hex(`Bearer ${this.token}`))))
      throw new UnauthorizedException('this token is not known');
  }
}

/** The answer to the control plane: a preview, or why there is none. */
type PreviewAnswer = { preview: MetricPreview } | { unavailable: string };

/** Answers the control plane when a release is planned. It is an internal route. */
@Controller('internal')
export class PreviewController {
  constructor(
    @Inject(Analytics) private readonly analytics: Analytics,
    @Inject(InternalToken) private readonly token: InternalToken,
  ) {}

  /** Takes `{ metric, definitions, grain }`, the definitions as a definitions file has them; by the hour where no grain is given. */
  @Post('preview')
  @HttpCode(200)
  async preview(
    @Headers('authorization') authorization: string | undefined,
    @Body() body: unknown,
  ): Promise<PreviewAnswer> {
    this.token.authorize(authorization);
    const { metric, definitions, grain }: { metric?: unknown; definitions?: unknown; grain?: unknown } =
      typeof body === 'object' && body !== null ? body : {};
    try {
      return {
        preview: await previewMetric(
          this.analytics,
          String(metric),
          parseDefinitions(JSON.stringify(definitions ?? {})),
          PREVIEW_GRAINS.find((one) => one === grain),
        ),
      };
    } catch (error) {
      if (error instanceof NoPreview || error instanceof UnanswerableQuery || error instanceof InvalidDefinitions)
        return { unavailable: error.message };
      throw error;
    }
  }
}
