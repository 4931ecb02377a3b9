import type { MarketDefinition } from '@paddock/contracts';
import type { UofMarket } from './message-types.js';
import { fillName } from './name-template.js';
import { childrenOf, parseXml, REFERENCE_LIMITS, UnusableXml, type XmlElement } from './parse-xml.js';
import { specifiersOf } from './specifiers.js';

/** What an event is; Sportradar says it apart from its odds. */
export interface EventReference {
  readonly sport: string;
  readonly name: string;
  /** Home, away, … */
  readonly competitors: readonly string[];
  readonly competition?: string;
  readonly startTime?: string;
}

/** What a market number means. Names are templates, see {@link fillName}. */
export interface MarketReference {
  readonly name: string;
  readonly groups: readonly string[];
  /** Outcome id → name. */
  readonly outcomes: ReadonlyMap<string, string>;
}

const SPORTS: Readonly<Record<string, string>> = {
  'sr:sport:1': 'football',
  'sr:sport:2': 'basketball',
  'sr:sport:3': 'baseball',
  'sr:sport:4': 'ice-hockey',
  'sr:sport:5': 'tennis',
  'sr:sport:16': 'american-football',
  'sr:sport:21': 'cricket',
};

/** Fixtures and market descriptions, from the documents of Sportradar's API. */
export class UofReference {
  private readonly events = new Map<string, EventReference>();
  private readonly markets = new Map<string, MarketReference>();

  /** Takes a `fixtures_fixture` or a `market_descriptions` document. @throws UnusableXml for any other */
  take(document: string): void {
    const root = parseXml(document, REFERENCE_LIMITS);
    if (root.name === 'fixtures_fixture')
      for (const fixture of childrenOf(root, 'fixture'))
        this.events.set(fixture.attributes['id'] ?? '', eventOf(fixture));
    else if (root.name === 'market_descriptions')
      for (const market of childrenOf(root, 'market'))
        this.markets.set(keyOf(market.attributes['id'] ?? '', market.attributes['variant']), marketOf(market));
    else throw new UnusableXml(`unknown document ${root.name}`);
  }

  event(id: string): EventReference | undefined {
    return this.events.get(id);
  }

  /** The description of a market: that of its variant where there is one. */
  market({ id, specifiers }: UofMarket): MarketReference | undefined {
    const variant = specifiersOf(specifiers).get('variant');
    return (variant ? this.markets.get(keyOf(id, variant)) : undefined) ?? this.markets.get(id);
  }

  /**
   * The known facts about a market; its runners are those of its newest odds. A name with an unknown part is left out.
   */
  definition(
    event: { readonly id: string; readonly native: string },
    market: UofMarket,
    outcomes: readonly string[],
  ): MarketDefinition {
    const described = this.market(market);
    const about = this.event(event.native);
    const values = {
      specifiers: specifiersOf(market.specifiers),
      eventName: about?.name,
      competitors: about?.competitors ?? [],
    };
    const name = described && fillName(described.name, values);
    return {
      event: event.id,
      sport: about?.sport ?? 'unknown',
      ...(about?.name ? { eventName: about.name } : {}),
      ...(about?.competition ? { competition: about.competition } : {}),
      ...(about?.startTime ? { startTime: about.startTime } : {}),
      type: market.id,
      ...(name ? { name } : {}),
      ...(described ? { groups: described.groups } : {}),
      ...(market.specifiers ? { specifiers: market.specifiers } : {}),
      runners: outcomes.map((id) => {
        const runner = fillName(described?.outcomes.get(id) ?? '', values);
        return runner ? { id, name: runner } : { id };
      }),
    };
  }
}

function keyOf(id: string, variant: string | undefined): string {
  return variant ? `${id}/${variant}` : id;
}

function eventOf(fixture: XmlElement): EventReference {
  const [tournament] = childrenOf(fixture, 'tournament');
  const [sport] = childrenOf(tournament, 'sport');
  const competitors = childrenOf(childrenOf(fixture, 'competitors')[0], 'competitor').map(
    ({ attributes }) => attributes['name'] ?? '',
  );
  const id = sport?.attributes['id'] ?? '';
  const competition = tournament?.attributes['name'];
  const startTime = fixture.attributes['start_time'] ?? fixture.attributes['scheduled'];
  return {
    sport: SPORTS[id] ?? (id ? id.replaceAll(':', '-') : 'unknown'),
    name: competitors.join(' v ') || (fixture.attributes['name'] ?? ''),
    competitors,
    ...(competition ? { competition } : {}),
    ...(startTime && !Number.isNaN(Date.parse(startTime)) ? { startTime: new Date(startTime).toISOString() } : {}),
  };
}

function marketOf(market: XmlElement): MarketReference {
  const outcomes = childrenOf(childrenOf(market, 'outcomes')[0], 'outcome');
  return {
    name: market.attributes['name'] ?? '',
    groups: (market.attributes['groups'] ?? 'all').split('|'),
    outcomes: new Map(outcomes.map(({ attributes }) => [attributes['id'] ?? '', attributes['name'] ?? ''])),
  };
}
