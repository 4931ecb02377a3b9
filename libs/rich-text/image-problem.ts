import { linkProblem } from './link-problem.js';

/**
 * Says what is wrong with the address of an image, or `undefined` where a page may show it: what {@link linkProblem}
 * says, and no SVG. An SVG is a document that may hold scripts and load others, opened from the site it acts for the site,
 * and nothing between an editor and the page would make an image of it.
 */
export function imageProblem(url: string): string | undefined {
  return (
    linkProblem(url) ??
    (isSvg(url) ? 'SVG images are not allowed, because they may hold scripts; use AVIF, WebP, PNG or JPEG' : undefined)
  );
}

function isSvg(url: string): boolean {
  const { pathname } = new URL(url, 'https://site.invalid/');
  return /\.svgz?[\s./]*(?:;.*)?$/i.test(decoded(pathname));
}

/** Servers decode once. What is not encoded well stays as it is. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
