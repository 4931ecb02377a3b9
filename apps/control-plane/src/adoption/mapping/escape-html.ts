import { fromHtml } from 'hast-util-from-html';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as it stands in HTML, also in attributes. */
export function escapeHtml(plain: string): string {
  return plain.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character);
}

/** As a browser reads it. Text without `&` has no character references, and `<` is not one. */
export function unescapeHtml(written: string): string {
  if (!written.includes('&')) return written;
  const [only] = fromHtml(written.replaceAll('<', '&lt;'), { fragment: true }).children;
  return only?.type === 'text' ? only.value : written;
}
