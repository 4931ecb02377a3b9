import type { AdoptedDocuments, Json } from '@paddock/contracts';

/** What the columns of one row gave, by paths of fields; a path of a list may come more than once. */
export type FieldValues = readonly (readonly [path: string, value: Json])[];

type Members = { [name: string]: Json };

const LISTS = new Set([
  'tags',
  'audience.sites',
  'audience.segments',
  'audience.jurisdictions',
  'audience.locales',
  'audience.devices',
  'item.promos.tags',
]);

/** Makes a body from the values of the rows of one document. Pure. */
export function assembleBody(
  { kind, gatherBy }: Pick<AdoptedDocuments, 'kind' | 'gatherBy'>,
  rows: readonly FieldValues[],
): Members {
  const [first = []] = rows;
  switch (kind) {
    case 'promo':
      return promo(first);
    case 'component':
      return gatherBy ? settings(rows) : { propsSchema: { type: 'object' }, ...tree(first) };
    case 'layout':
      return layout(rows);
  }
}

function promo(values: FieldValues): Members {
  const { shown, ...body } = tree(values);
  if (shown === false) body['audience'] = { ...members(body['audience']), percentage: 0 };
  return withoutHalves(body);
}

/** A picture without address, a button without target and a schedule without times are what back offices keep for "none". */
function withoutHalves(body: Members): Members {
  const { image, cta, schedule, ...rest } = body;
  const picture = members(image);
  const button = members(cta);
  const times = members(schedule);
  return {
    ...rest,
    ...('url' in picture ? { image: { alt: '', ...picture } } : {}),
    ...('href' in button ? { cta: button } : {}),
    ...('from' in times || 'to' in times ? { schedule: times } : {}),
  };
}

/** Name/value rows as the props of a component: each name with its value as the default. */
function settings(rows: readonly FieldValues[]): Members {
  const { setting: _, ...component } = tree(rows[0] ?? []);
  const properties = rows.flatMap((row): [string, Json][] => {
    const { name, value = '', title, description } = members(tree(row)['setting']);
    if (typeof name !== 'string') return [];
    return [
      [
        name,
        {
          type: typeof value === 'number' ? 'integer' : 'string',
          ...(title === undefined ? {} : { title }),
          ...(description === undefined ? {} : { description }),
          default: value,
        },
      ],
    ];
  });
  return {
    ...component,
    propsSchema: { type: 'object', ...(properties.length > 0 ? { properties: Object.fromEntries(properties) } : {}) },
  };
}

function layout(rows: readonly FieldValues[]): Members {
  const slots = new Map<string, { item: Members; order: number }[]>();
  for (const row of rows) {
    const { slot, item, order } = tree(row);
    const { shown, ...content } = withoutHalves(members(item));
    if (typeof slot !== 'string' || shown === false) continue;
    slots.set(slot, [...(slots.get(slot) ?? []), { item: content, order: typeof order === 'number' ? order : 0 }]);
  }
  const { page = null } = tree(rows[0] ?? []);
  return {
    page,
    slots: [...slots].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, items]) => ({ name, items: distinct(items) })),
  };
}

/** In their order; what stands in a slot twice (a group of promos that many rows name) stands there once. */
function distinct(items: readonly { item: Members; order: number }[]): Members[] {
  const sorted = items.toSorted((a, b) => a.order - b.order).map(({ item }) => item);
  const seen = new Set<string>();
  return sorted.filter((item) => {
    const content = JSON.stringify(item);
    const isNew = !seen.has(content);
    seen.add(content);
    return isNew;
  });
}

/** `['cta.href', '/x']` becomes `{ cta: { href: '/x' } }`. */
function tree(values: FieldValues): Members {
  const root: Members = {};
  for (const [path, value] of values) put(root, path.split('.'), LISTS.has(path), value);
  return root;
}

function put(into: Members, [name = '', ...rest]: string[], list: boolean, value: Json): void {
  if (rest.length > 0) {
    const below = members(into[name]);
    into[name] = below;
    put(below, rest, list, value);
  } else if (list) {
    const before = into[name];
    const already = Array.isArray(before) ? before : [];
    into[name] = already.includes(value) ? already : [...already, value];
  } else {
    into[name] = value;
  }
}

function members(value: Json | undefined): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
