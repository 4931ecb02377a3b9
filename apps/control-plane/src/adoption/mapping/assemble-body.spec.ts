import { describe, expect, it } from 'vitest';
import { assembleBody } from './assemble-body.js';

describe('many rows as one document', () => {
  it('makes a layout with a slot per group, items in their order, hidden ones left out', () => {
    const box = (slot: string, component: string, order: number, shown = true) =>
      [
        ['page', 'home'],
        ['slot', slot],
        ['item.component', component],
        ['order', order],
        ['item.shown', shown],
      ] as const;
    const body = assembleBody({ kind: 'layout', gatherBy: ['template'] }, [
      box('right', 'search', 20),
      box('left', 'news', 1),
      box('right', 'cart', 10),
      box('right', 'old', 0, false),
    ]);
    expect(body).toEqual({
      page: 'home',
      slots: [
        { name: 'left', items: [{ component: 'news' }] },
        { name: 'right', items: [{ component: 'cart' }, { component: 'search' }] },
      ],
    });
  });

  it('names a group of promos once, however many rows are in it', () => {
    const banner = (group: string) =>
      [
        ['page', 'home'],
        ['slot', group],
        ['item.promos.tags', group],
        ['item.promos.limit', 10],
      ] as const;
    const body = assembleBody({ kind: 'layout', gatherBy: [] }, [banner('wide'), banner('side'), banner('wide')]);
    expect(body).toEqual({
      page: 'home',
      slots: [
        { name: 'side', items: [{ promos: { tags: ['side'], limit: 10 } }] },
        { name: 'wide', items: [{ promos: { tags: ['wide'], limit: 10 } }] },
      ],
    });
  });

  it('makes a component whose props have the settings as defaults', () => {
    const setting = (name: string, value: string) =>
      [
        ['name', 'Shop'],
        ['setting.name', name],
        ['setting.value', value],
        ['setting.title', `The ${name}`],
      ] as const;
    expect(
      assembleBody({ kind: 'component', gatherBy: ['group'] }, [setting('NAME', 'Acme'), setting('__proto__', 'x')]),
    ).toEqual({
      name: 'Shop',
      propsSchema: {
        type: 'object',
        properties: Object.fromEntries([
          ['NAME', { type: 'string', title: 'The NAME', default: 'Acme' }],
          ['__proto__', { type: 'string', title: 'The __proto__', default: 'x' }],
        ]),
      },
    });
  });
});
