import { expect, it } from 'vitest';
import { bar } from './bar.js';

it.each([
  [0, `${'░'.repeat(30)}   0%`],
  [0.5, `${'█'.repeat(15)}${'░'.repeat(15)}  50%`],
  [0.999, `${'█'.repeat(29)}░  99%`],
  [1, `${'█'.repeat(30)} 100%`],
  [1.2, `${'█'.repeat(30)} 100%`],
])('%d is full only when it is', (share, text) => {
  expect(bar(share)).toBe(text);
});
