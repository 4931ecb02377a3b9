import { describe, expect, it } from 'vitest';
import { imageProblem } from './index.js';

describe('the address of an image', () => {
  it.each([
    'https://cdn.example/a.jpg',
    '/media/a.webp',
    'a.png?from=b.svg',
    'https://cdn.example/svg/a.avif',
    '/svg',
    'https://cdn.example/a.svg.png',
    '/a.jpg#b.svg',
  ])('%s may be shown', (url) => {
    expect(imageProblem(url)).toBeUndefined();
  });

  it.each([
    'https://cdn.example/a.svg',
    '/a.SVG',
    'a.svgz',
    '/a.svg?v=2',
    '/a.svg#icon',
    '/a%2esvg',
    '/a.sv%67',
    '/a.svg;v=1',
    '/a.svg/',
    '/a.svg.',
    '/a.svg%20',
  ])('%s is an SVG', (url) => {
    expect(imageProblem(url)).toContain('SVG');
  });

  it.each(['javascript:alert(1)', 'data:image/svg+xml,<svg/>', 'http://cdn.example/a.png'])(
    '%s is no safe link either',
    (url) => {
      expect(imageProblem(url)).toBeDefined();
    },
  );
});
