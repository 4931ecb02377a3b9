import { type Audience, DEVICES, type LayoutBody, type PromoBody } from '@paddock/contracts';

const WORDS =
  'boost price saturday football match winner money back double odds evening kick-off accumulator early payout champions league offer every goal corner free bet weekend racing festival tennis final set acca insurance'.split(
    ' ',
  );

/** Text of this many words, the same for the same seed. */
function prose(seed: number, words: number): string {
  let state = seed * 2_654_435_761 + 1;
  const chosen = Array.from({ length: words }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return WORDS[state % WORDS.length];
  });
  return `${chosen.join(' ')}.`;
}

/** A promo as an operator writes one: about 800 bytes, with every common field. */
export function promoBody(seed: number, given: Partial<PromoBody> = {}): PromoBody {
  return {
    title: `${prose(seed, 5)} ${seed}`,
    subtitle: prose(seed + 1, 7),
    text: `${prose(seed + 2, 12)} **${prose(seed + 3, 4)}** ${prose(seed + 4, 14)} [More](/offers/${seed}).`,
    image: { url: `https://media.acme.example/promos/${seed}/wide.jpg`, alt: prose(seed + 5, 6) },
    cta: { label: 'Show me', href: `/offers/${seed}` },
    badge: 'New',
    terms: prose(seed + 6, 22),
    priority: seed % 100,
    ...given,
  };
}

/** A page that shows exactly these promos. */
export function pageOf(page: string, promos: readonly string[]): LayoutBody {
  return {
    page,
    slots: [
      { name: 'hero', items: promos.slice(0, 1).map((promo) => ({ promo })) },
      { name: 'offers', items: promos.slice(1).map((promo) => ({ promo })) },
    ],
  };
}

const JURISDICTIONS = ['GB', 'IE', 'DE', 'ES', 'IT'];
const LOCALES = ['en-GB', 'en-IE', 'de-DE', 'es-ES', 'it-IT'];
const SEGMENTS = ['new', 'vip', 'lapsed', 'casino', 'racing', 'football', 'tennis', 'app-only', 'high-value', 'bingo'];

const pick = <T>(from: readonly T[], at: number): T[] => from.slice(at % from.length, (at % from.length) + 1);

/** The audience of the n-th targeted promo: every sort of condition occurs, alone and together. */
export function audienceOf(number: number): Audience {
  const conditions: Audience[] = [
    { jurisdictions: [...pick(JURISDICTIONS, number), ...pick(JURISDICTIONS, number + 2)] },
    { locales: pick(LOCALES, number).map((locale) => locale.slice(0, 2)) },
    { devices: [...pick(DEVICES, number), ...pick(DEVICES, number + 1)] },
    { segments: [...pick(SEGMENTS, number), ...pick(SEGMENTS, number + 3)] },
    { percentage: 10 + ((number * 7) % 80) },
  ];
  return { ...conditions[number % 5], ...(number % 3 === 0 ? conditions[(number + 1) % 5] : {}) };
}

/** A thousand visitors, as query strings; no two have the same jurisdiction, locale, device and segment. */
export function thousandAudiences(): string[] {
  return JURISDICTIONS.flatMap((jurisdiction) =>
    LOCALES.flatMap((locale) =>
      DEVICES.flatMap((device) =>
        SEGMENTS.map(
          (segment) =>
            `?locale=${locale}&jurisdiction=${jurisdiction}&device=${device}&segments=${segment}&visitor=${jurisdiction}-${locale}-${device}-${segment}`,
        ),
      ),
    ),
  );
}
