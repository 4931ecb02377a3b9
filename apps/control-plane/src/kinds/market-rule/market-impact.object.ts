import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { ViewImpact } from './market-impact.js';

@ObjectType({ description: 'What a change of market rules does to the live markets of one site and jurisdiction.' })
export class MarketViewImpact implements ViewImpact {
  @Field({ description: 'Key of the site.' }) site: string;
  @Field({ description: 'ISO 3166 code.' }) jurisdiction: string;
  @Field(() => Int, { description: 'Markets that are there now and will not be.' }) hidden: number;
  @Field(() => Int, { description: 'Markets that will lose their prices.' }) suspended: number;
  @Field(() => Int, { description: 'Markets that will be shown before others, and are not now.' }) featured: number;
  @Field(() => Int, { description: 'Markets that a rule hides or suspends now, and will not.' }) shown: number;
}

@ObjectType({ description: 'What a release does to live markets by its market rules.' })
export class MarketImpact {
  @Field({
    description:
      'False where the live markets are unknown, for example without an odds service: then `views` is empty and has no meaning.',
  })
  known: boolean;
  @Field(() => Date, {
    nullable: true,
    description:
      'The moment that was looked at: the first one at which a changed rule holds. None where none ever does again.',
  })
  at: Date | null;
  @Field(() => [MarketViewImpact], {
    description:
      'The views in which live markets change, of those that some visitor has: a site in its own jurisdiction, or in one that a client key binds to. Where no visitor matches a rule, the notes of the plan say so.',
  })
  views: MarketViewImpact[];
}
