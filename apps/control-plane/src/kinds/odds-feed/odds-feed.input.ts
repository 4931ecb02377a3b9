import { Field, Float, InputType, Int } from '@nestjs/graphql';
import { IsOptional } from 'class-validator';
import type {
  BetfairSource,
  OddsFeedBody,
  OddsFeedSource,
  PollerHeader,
  PollerParameter,
  PollerSource,
  PollMapping,
  RecordingSource,
  SimulatorSource,
  SuspendedDisplay,
  UofSource,
} from '@paddock/contracts';
import { JsonScalar } from '@paddock/graphql';
import { FreeJson } from '../rules/free-json.js';
import { Integer } from '../rules/integer.js';
import { Nested, NestedList } from '../rules/nested.js';
import { Text } from '../rules/text.js';
import {
  Display,
  FilePath,
  FilePaths,
  headerFindings,
  HeaderName,
  HostName,
  HttpUrl,
  mappingFindings,
  ParameterName,
  Producers,
  sourceFindings,
  Speed,
  Variable,
  Words,
  YesNo,
} from './odds-feed-rules.js';
import { SuspendedDisplayEnum } from './odds-feed.enums.js';

const HOUR = 3_600_000;

@InputType({
  description:
    'The Betfair Exchange Stream. Secrets stay in the environment of the odds service; config names their variables.',
})
export class BetfairSourceInput implements BetfairSource {
  @Field(() => String, { nullable: true, description: 'Host of the stream; that of Betfair where absent.' })
  @IsOptional()
  @HostName()
  host?: string;

  @Field(() => Int, { nullable: true, description: 'Port of the stream; 443 where absent.' })
  @IsOptional()
  @Integer(1, 65_535)
  port?: number;

  @Field(() => String, { nullable: true, description: 'Where sessions are asked for; Betfair’s address where absent.' })
  @IsOptional()
  @HttpUrl()
  loginUrl?: string;

  @Field({ description: 'Variable that holds the application key; its name begins with ODDS_SECRET_.' })
  @Variable()
  appKeyVariable: string;

  @Field({ description: 'Variable that holds the user name; its name begins with ODDS_SECRET_.' })
  @Variable()
  usernameVariable: string;

  @Field({ description: 'Variable that holds the password; its name begins with ODDS_SECRET_.' })
  @Variable()
  passwordVariable: string;

  @Field(() => JsonScalar, { description: 'The markets to subscribe to; sent to Betfair unchanged.' })
  @FreeJson()
  marketFilter: { [name: string]: unknown };

  @Field(() => [String], {
    nullable: true,
    description:
      'Fields of the market data; best offers, definition, last traded and projected starting price where absent. At most 20.',
  })
  @IsOptional()
  @Words(20)
  fields?: string[];

  @Field(() => Int, {
    nullable: true,
    description: 'Milliseconds between heartbeats, 500 to 5,000; 5,000 where absent.',
  })
  @IsOptional()
  @Integer(500, 5_000)
  heartbeatMs?: number;
}

@InputType({ description: 'A recorded Betfair stream, played as if it came now.' })
export class RecordingSourceInput implements RecordingSource {
  @Field({ description: 'The file, below the folder that the odds service is given.' })
  @FilePath()
  path: string;

  @Field(() => Float, {
    nullable: true,
    description: '1 as it was, 10 ten times as fast, 0 as fast as possible; 1 where absent.',
  })
  @IsOptional()
  @Speed()
  speed?: number;

  @Field(() => Boolean, { nullable: true, description: 'Begins again at the end.' })
  @IsOptional()
  @YesNo()
  repeat?: boolean;
}

@InputType({
  description:
    'Sportradar’s Unified Odds Feed: from a folder of messages, or from the queue that has the key of the feed.',
})
export class UofSourceInput implements UofSource {
  @Field(() => [Int], { description: 'Numbers of the producers, each once; 1 to 50 of them.' })
  @Producers()
  producers: number[];

  @Field(() => String, {
    nullable: true,
    description: 'Folder of messages, below the one that the odds service is given; absent: the queue.',
  })
  @IsOptional()
  @FilePath()
  folder?: string;

  @Field(() => [String], { nullable: true, description: 'XML files of fixtures and market descriptions, at most 50.' })
  @IsOptional()
  @FilePaths(50)
  reference?: string[];

  @Field(() => String, {
    nullable: true,
    description: 'Where recoveries are asked for; without it they are only awaited.',
  })
  @IsOptional()
  @HttpUrl()
  apiUrl?: string;

  @Field(() => String, {
    nullable: true,
    description: 'Variable that holds the access token; its name begins with ODDS_SECRET_.',
  })
  @IsOptional()
  @Variable()
  accessTokenVariable?: string;
}

@InputType({ description: 'A header that is sent along: exactly one of value and variable.' })
export class PollerHeaderInput implements PollerHeader {
  @Field({ description: 'Its name.' })
  @HeaderName()
  name: string;

  @Field(() => String, { nullable: true, description: 'Its value, if that is not secret.' })
  @IsOptional()
  @Text({ max: 1_000 })
  value?: string;

  @Field(() => String, { nullable: true, description: 'Variable that holds it; its name begins with ODDS_SECRET_.' })
  @IsOptional()
  @Variable()
  variable?: string;
}

@InputType({ description: 'A query parameter that carries a secret. Other parameters are part of the url.' })
export class PollerParameterInput implements PollerParameter {
  @Field({ description: 'Its name, such as apiKey.' })
  @ParameterName()
  name: string;

  @Field({ description: 'Variable that holds its value; its name begins with ODDS_SECRET_.' })
  @Variable()
  variable: string;
}

@InputType({
  description: 'A JSON endpoint that is asked once per sync window; every answer is an image of everything.',
})
export class PollerSourceInput implements PollerSource {
  @Field({ description: 'The address that is polled.' })
  @HttpUrl()
  url: string;

  @Field(() => [PollerParameterInput], {
    nullable: true,
    description: 'Query parameters that carry secrets, added to those of the url; at most 10.',
  })
  @IsOptional()
  @NestedList(() => PollerParameterInput, { max: 10 })
  parameters?: PollerParameterInput[];

  @Field(() => [PollerHeaderInput], { nullable: true, description: 'Sent along; at most 20.' })
  @IsOptional()
  @NestedList(() => PollerHeaderInput, { max: 20 }, headerFindings)
  headers?: PollerHeaderInput[];

  @Field(() => JsonScalar, {
    description:
      'Paths of markets and runners in a response: { markets, market: { id, event, … }, runners, runner: { id, price, … }, statuses, prices: decimal or american }; each place is a path such as a.b.0.c, or { value }.',
  })
  @FreeJson(mappingFindings)
  mapping: PollMapping;
}

@InputType({ description: 'A match day that never was; the same seed gives the same matches.' })
export class SimulatorSourceInput implements SimulatorSource {
  @Field(() => Int, { nullable: true, description: 'Where its chance begins; 1 where absent.' })
  @IsOptional()
  @Integer(0, 2 ** 31 - 1)
  seed?: number;

  @Field(() => Int, { nullable: true, description: 'Matches at once, 1 to 1,000; 8 where absent.' })
  @IsOptional()
  @Integer(1, 1_000)
  matches?: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'Milliseconds that a match lasts in reality, from ten seconds to two hours; a quarter of an hour where absent.',
  })
  @IsOptional()
  @Integer(10_000, 2 * HOUR)
  matchMs?: number;
}

@InputType({ description: 'Where odds come from: exactly one member.' })
export class OddsFeedSourceInput implements OddsFeedSource {
  @Field(() => BetfairSourceInput, { nullable: true, description: 'The Betfair Exchange Stream.' })
  @IsOptional()
  @Nested(() => BetfairSourceInput)
  betfair?: BetfairSourceInput;

  @Field(() => RecordingSourceInput, { nullable: true, description: 'A recorded stream.' })
  @IsOptional()
  @Nested(() => RecordingSourceInput)
  recording?: RecordingSourceInput;

  @Field(() => UofSourceInput, { nullable: true, description: 'Sportradar’s Unified Odds Feed.' })
  @IsOptional()
  @Nested(() => UofSourceInput)
  uof?: UofSourceInput;

  @Field(() => PollerSourceInput, { nullable: true, description: 'A JSON endpoint that has to be asked.' })
  @IsOptional()
  @Nested(() => PollerSourceInput)
  poller?: PollerSourceInput;

  @Field(() => SimulatorSourceInput, { nullable: true, description: 'A simulated match day.' })
  @IsOptional()
  @Nested(() => SimulatorSourceInput)
  simulator?: SimulatorSourceInput;
}

@InputType({
  description: 'A feed of odds, and the settings of its distribution. The key of the document is the key of the feed.',
})
export class OddsFeedInput implements OddsFeedBody {
  @Field(() => OddsFeedSourceInput, { description: 'Where odds come from.' })
  @Nested(() => OddsFeedSourceInput, sourceFindings)
  source: OddsFeedSourceInput;

  @Field(() => Int, {
    description:
      'Milliseconds in which the source is asked once, or is asked to push at most once; 0 to 120,000. Sources that decide this themselves are not held up.',
  })
  @Integer(0, 120_000)
  syncWindowMs: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Default conflation time of readers in milliseconds, 0 to 120,000; 250 where absent.',
  })
  @IsOptional()
  @Integer(0, 120_000)
  conflateMs?: number;

  @Field(() => Int, {
    description:
      'Milliseconds of silence after which its markets are suspended, three seconds to an hour: a sign of life is passed on once a second.',
  })
  @Integer(3_000, HOUR)
  silenceMs: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'Age of its data in milliseconds after which its markets are suspended, a second to an hour; absent: the value of silenceMs.',
  })
  @IsOptional()
  @Integer(1_000, HOUR)
  lagMs?: number;

  @Field(() => SuspendedDisplayEnum, { description: 'How the prices of a suspended market are shown.' })
  @Display()
  suspendedDisplay: SuspendedDisplay;

  @Field({ description: 'Whether it runs. One that does not is as good as absent to its markets: they are suspended.' })
  @YesNo()
  enabled: boolean;
}
