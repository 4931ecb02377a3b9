import { ALL_SITES, type ComponentBody, type LayoutBody, type PromoBody } from '@paddock/contracts';

/** What a new installation starts with: one brand in two markets, with a homepage that shows what promos can do. */
export const SAMPLE_SITES = [
  { key: 'acme-uk', name: 'Acme Sports UK', jurisdiction: 'GB', locale: 'en-GB' },
  { key: 'acme-ie', name: 'Acme Sports Ireland', jurisdiction: 'IE', locale: 'en-IE' },
];

type SampleDocument = { key: string; site: string } & (
  { kind: 'component'; body: ComponentBody } | { kind: 'promo'; body: PromoBody } | { kind: 'layout'; body: LayoutBody }
);

export const SAMPLE_DOCUMENTS: readonly SampleDocument[] = [
  {
    kind: 'component',
    site: ALL_SITES,
    key: 'hero-banner',
    body: {
      name: 'Hero banner',
      description: 'Full width, above the fold. Takes the picture and call to action of its promo.',
      propsSchema: {
        type: 'object',
        additionalProperties: false,
        properties: {
          theme: { enum: ['light', 'dark'] },
          height: { type: 'integer', minimum: 200, maximum: 800 },
        },
        required: ['theme'],
      },
    },
  },
  {
    kind: 'component',
    site: ALL_SITES,
    key: 'responsible-play',
    body: {
      name: 'Responsible play notice',
      description: 'What the law asks to be shown.',
      propsSchema: {
        type: 'object',
        additionalProperties: false,
        properties: { helpline: { type: 'string', maxLength: 40 } },
      },
    },
  },
  {
    kind: 'promo',
    site: 'acme-uk',
    key: 'summer-festival',
    body: {
      title: 'Summer festival of football',
      subtitle: 'Every match, every minute',
      text: 'Follow **all 64 matches** live, with [form and line-ups](/football/form) before each kick-off.',
      image: { url: '/media/sample/summer-festival.png', alt: 'A stadium under a summer sky' },
      cta: { label: 'See the fixtures', href: '/football/fixtures' },
      badge: 'Live',
      // Without the tag of the offers: the layout shows it above them, by its name.
      tags: ['football'],
      priority: 100,
      component: 'hero-banner',
      props: { theme: 'dark', height: 480 },
    },
  },
  {
    kind: 'promo',
    site: 'acme-uk',
    key: 'price-boost-saturday',
    body: {
      title: 'Saturday price boosts',
      text: 'Three boosted prices, chosen by our traders every Saturday morning.',
      image: { url: '/media/sample/price-boost-saturday.png', alt: 'Three rising bars' },
      cta: { label: 'Show boosts', href: '/boosts' },
      terms: 'Singles only. Until each event starts.',
      tags: ['homepage', 'boosts'],
      priority: 80,
    },
  },
  {
    kind: 'promo',
    site: 'acme-uk',
    key: 'app-only-preview',
    body: {
      title: 'Build your own multi: first in the app',
      text: 'Half of our app users have it already.',
      image: { url: '/media/sample/app-only-preview.png', alt: 'Cards on a phone' },
      cta: { label: 'Try it', href: '/multi' },
      tags: ['homepage'],
      priority: 60,
      audience: { devices: ['app', 'mobile'], percentage: 50 },
    },
  },
  {
    kind: 'promo',
    site: ALL_SITES,
    key: 'welcome',
    body: {
      title: 'Welcome to Acme Sports',
      text: 'New here? [How it works](/help/first-steps).',
      image: { url: '/media/sample/welcome.png', alt: 'Bunting over a green field' },
      cta: { label: 'Join', href: '/join' },
      tags: ['homepage', 'welcome'],
      priority: 10,
    },
  },
  {
    kind: 'layout',
    site: 'acme-uk',
    key: 'home',
    body: {
      page: 'home',
      slots: [
        { name: 'hero', items: [{ promo: 'summer-festival' }] },
        { name: 'offers', items: [{ promos: { tags: ['homepage'], limit: 6 } }] },
        {
          name: 'footer',
          items: [
            {
              component: 'responsible-play',
              props: { helpline: '0800 000 0000' },
              audience: { jurisdictions: ['GB'] },
            },
          ],
        },
      ],
    },
  },
  {
    kind: 'layout',
    site: 'acme-uk',
    key: 'football',
    body: {
      page: 'football',
      slots: [{ name: 'matches', items: [{ markets: { sport: 'football', limit: 5 } }] }],
    },
  },
  {
    kind: 'layout',
    site: 'acme-ie',
    key: 'home',
    body: { page: 'home', slots: [{ name: 'hero', items: [{ promo: 'welcome' }] }] },
  },
];
