import { Field, Float, Int, ObjectType } from '@nestjs/graphql';
import type {
  BetfairSource as BetfairSourceShape,
  OddsFeedBody,
  OddsFeedSource as OddsFeedSourceShape,
  PollerHeader as PollerHeaderShape,
  PollerParameter as PollerParameterShape,
  PollerSource as PollerSourceShape,
  PollMapping,
  RecordingSource as RecordingSourceShape,
  SimulatorSource as SimulatorSourceShape,
  SuspendedDisplay,
  UofSource as UofSourceShape,
} from '@paddock/contracts';
import { JsonScalar } from '@paddock/graphql';
import { SuspendedDisplayEnum } from './odds-feed.enums.js';
import { withoutLiteralSecrets } from './without-literal-secrets.js';

@ObjectType({
  description:
    'The Betfair Exchange Stream. Secrets stay in the environment of the odds service; config names their variables.',
})
export class BetfairSource implements BetfairSourceShape {
  @Field(() => String, { nullable: true, description: 'Host of the stream; that of Betfair where absent.' })
  host?: string;
  @Field(() => Int, { nullable: true, description: 'Port of the stream; 443 where absent.' }) port?: number;
  @Field(() => String, { nullable: true, description: 'Where sessions are asked for; Betfair’s address where absent.' })
  loginUrl?: string;
  @Field({ description: 'Variable that holds the application key; its name begins with ODDS_SECRET_.' })
  appKeyVariable: string;
  @Field({ description: 'Variable that holds the user name; its name begins with ODDS_SECRET_.' })
  usernameVariable: string;
  @Field({ description: 'Variable that holds the password; its name begins with ODDS_SECRET_.' })
  passwordVariable: string;
  @Field(() => JsonScalar, { description: 'The markets to subscribe to; sent to Betfair unchanged.' }) marketFilter: {
    [name: string]: unknown;
  };
  @Field(() => [String], {
    nullable: true,
    description:
      'Fields of the market data; best offers, definition, last traded and projected starting price where absent. At most 20.',
  })
  fields?: string[];
  @Field(() => Int, {
    nullable: true,
    description: 'Milliseconds between heartbeats, 500 to 5,000; 5,000 where absent.',
  })
  heartbeatMs?: number;
}

@ObjectType({ description: 'A recorded Betfair stream, played as if it came now.' })
export class RecordingSource implements RecordingSourceShape {
  @Field({ description: 'The file, below the folder that the odds service is given.' }) path: string;
  @Field(() => Float, {
    nullable: true,
    description: '1 as it was, 10 ten times as fast, 0 as fast as possible; 1 where absent.',
  })
  speed?: number;
  @Field(() => Boolean, { nullable: true, description: 'Begins again at the end.' }) repeat?: boolean;
}

@ObjectType({
  description:
    'Sportradar’s Unified Odds Feed: from a folder of messages, or from the queue that has the key of the feed.',
})
export class UofSource implements UofSourceShape {
  @Field(() => [Int], { description: 'Numbers of the producers, each once; 1 to 50 of them.' }) producers: number[];
  @Field(() => String, {
    nullable: true,
    description: 'Folder of messages, below the one that the odds service is given; absent: the queue.',
  })
  folder?: string;
  @Field(() => [String], { nullable: true, description: 'XML files of fixtures and market descriptions, at most 50.' })
  reference?: string[];
  @Field(() => String, {
    nullable: true,
    description: 'Where recoveries are asked for; without it they are only awaited.',
  })
  apiUrl?: string;
  @Field(() => String, {
    nullable: true,
    description: 'Variable that holds the access token; its name begins with ODDS_SECRET_.',
  })
  accessTokenVariable?: string;
}

@ObjectType({ description: 'A header that is sent along: exactly one of value and variable.' })
export class PollerHeader implements PollerHeaderShape {
  @Field({ description: 'Its name.' }) name: string;
  @Field(() => String, { nullable: true, description: 'Its value, if that is not secret.' }) value?: string;
  @Field(() => String, { nullable: true, description: 'Variable that holds it; its name begins with ODDS_SECRET_.' })
  variable?: string;
}

@ObjectType({ description: 'A query parameter that carries a secret.' })
export class PollerParameter implements PollerParameterShape {
  @Field({ description: 'Its name.' }) name: string;
  @Field({ description: 'Variable that holds its value; its name begins with ODDS_SECRET_.' }) variable: string;
}

@ObjectType({
  description: 'A JSON endpoint that is asked once per sync window; every answer is an image of everything.',
})
export class PollerSource implements PollerSourceShape {
  @Field({ description: 'The address that is polled.' }) url: string;
  @Field(() => [PollerParameter], {
    nullable: true,
    description: 'Query parameters that carry secrets, added to those of the url; at most 10.',
  })
  parameters?: PollerParameter[];
  @Field(() => [PollerHeader], { nullable: true, description: 'Sent along; at most 20.' }) headers?: PollerHeader[];
  @Field(() => JsonScalar, {
    description:
      'Paths of markets and runners in a response: { markets, market: { id, event, … }, runners, runner: { id, price, … }, statuses, prices: decimal or american }; each place is a path such as a.b.0.c, or { value }.',
  })
  mapping: PollMapping;
}

@ObjectType({ description: 'A match day that never was; the same seed gives the same matches.' })
export class SimulatorSource implements SimulatorSourceShape {
  @Field(() => Int, { nullable: true, description: 'Where its chance begins; 1 where absent.' }) seed?: number;
  @Field(() => Int, { nullable: true, description: 'Matches at once, 1 to 1,000; 8 where absent.' }) matches?: number;
  @Field(() => Int, {
    nullable: true,
    description:
      'Milliseconds that a match lasts in reality, from ten seconds to two hours; a quarter of an hour where absent.',
  })
  matchMs?: number;
}

@ObjectType({ description: 'Where odds come from: exactly one member.' })
export class OddsFeedSource implements OddsFeedSourceShape {
  @Field(() => BetfairSource, { nullable: true, description: 'The Betfair Exchange Stream.' }) betfair?: BetfairSource;
  @Field(() => RecordingSource, { nullable: true, description: 'A recorded stream.' }) recording?: RecordingSource;
  @Field(() => UofSource, { nullable: true, description: 'Sportradar’s Unified Odds Feed.' }) uof?: UofSource;
  @Field(() => PollerSource, { nullable: true, description: 'A JSON endpoint that has to be asked.' })
  poller?: PollerSource;
  @Field(() => SimulatorSource, { nullable: true, description: 'A simulated match day.' }) simulator?: SimulatorSource;
}

@ObjectType({
  description: 'A feed of odds, and the settings of its distribution. The key of the document is the key of the feed.',
})
export class OddsFeed implements OddsFeedBody {
  @Field(() => OddsFeedSource, { description: 'Where odds come from.' }) source: OddsFeedSource;
  @Field(() => Int, {
    description:
      'Milliseconds in which the source is asked once, or is asked to push at most once; 0 to 120,000. Sources that decide this themselves are not held up.',
  })
  syncWindowMs: number;
  @Field(() => Int, {
    nullable: true,
    description: 'Default conflation time of readers in milliseconds, 0 to 120,000; 250 where absent.',
  })
  conflateMs?: number;
  @Field(() => Int, {
    description:
      'Milliseconds of silence after which its markets are suspended, three seconds to an hour: a sign of life is passed on once a second.',
  })
  silenceMs: number;
  @Field(() => Int, {
    nullable: true,
    description:
      'Age of its data in milliseconds after which its markets are suspended, a second to an hour; absent: the value of silenceMs.',
  })
  lagMs?: number;
  @Field(() => SuspendedDisplayEnum, { description: 'How the prices of a suspended market are shown.' })
  suspendedDisplay: SuspendedDisplay;
  @Field({ description: 'Whether it runs. One that does not is as good as absent to its markets: they are suspended.' })
  enabled: boolean;
}

export function toOddsFeed(body: OddsFeedBody): OddsFeed {
  return Object.assign(new OddsFeed(), withoutLiteralSecrets(body));
}
