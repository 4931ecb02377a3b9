import { Controller, Get, Inject } from '@nestjs/common';
import { Requires } from '../access/scope.guard.js';
import { Analytics } from '../analytics.js';
import { usageOf, type VersionUsage } from './usage.js';

/** Lists the producers of each version of a contract. */
@Controller('v1/usage')
@Requires('read')
export class UsageController {
  constructor(@Inject(Analytics) private readonly analytics: Analytics) {}

  @Get()
  async usage(): Promise<{ usage: VersionUsage[] }> {
    return { usage: await usageOf(this.analytics) };
  }
}
