import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { ViewImpact } from './market-impact.js';

@ObjectType({ description: 'The effect of a change of market rules on the live markets of one site and jurisdiction.' })
export class MarketViewImpact implements ViewImpact {
  @Field({ description: 'Key of the site.' }) site: string;
  @Field({ description: 'ISO 3166 code.' }) jurisdiction: string;
  @Field(() => Int, { description: 'Markets that are there now and will not be.' }) hidden: number;
  @Field(() => Int, { description: 'Markets that will lose their prices.' }) suspended: number;
  @Field(() => Int, { description: 'Markets that will be shown before others, and are not now.' }) featured: number;
  @Field(() => Int, { description: 'Markets that a rule hides or suspends now, and will not.' }) shown: number;
}

@ObjectType({ description: 'The effect of the market rules of a release on live markets.' })
export class MarketImpact {
  @Field({
    description:
      'False where the live markets are unknown, for example without an odds service: then `views` is empty and has no meaning.',
  })
  known: boolean;
  @Field(() => Date, {
    nullable: true,
    description:
      'The evaluated moment: the first one at which a changed rule is in force. Null where none will be in force again.',
  })
  at: Date | null;
  @Field(() => [MarketViewImpact], {
    description:
      'The views in which live markets change, of those that some visitor has: a site in its own jurisdiction, or in one that a client key binds to. Where no visitor matches a rule, the notes of the plan say so.',
  })
  views: MarketViewImpact[];
}
