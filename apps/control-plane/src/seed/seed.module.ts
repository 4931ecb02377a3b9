import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { ReleasesModule } from '../releases/releases.module.js';
import { SitesModule } from '../sites/sites.module.js';
import { SampleHomepage } from './sample-homepage.js';
import { Seed } from './seed.js';

@Module({
  imports: [AccessModule, DocumentsModule, ReleasesModule, SitesModule],
  providers: [SampleHomepage, Seed],
  exports: [Seed],
})
export class SeedModule {}
