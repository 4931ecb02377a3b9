import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A link on a page, with a sentence about what it leads to. */
export interface PageLink {
  readonly href: string;
  readonly label: string;
  readonly text: string;
}

/** The content of a page. Everything in it is text: it is escaped where the page is written. */
export interface HtmlPage {
  readonly title: string;
  readonly lead: string;
  readonly links?: readonly PageLink[];
  readonly sections?: readonly PageSection[];
}

/** A part of a page under a heading of its own. */
export interface PageSection {
  readonly id?: string;
  readonly heading: string;
  readonly text?: string;
  /** Shown as it is, in a fixed-width font; {@link PAGE_ORIGIN} in it becomes the address that the visitor used. */
  readonly code?: string;
}

/** Stands in an example for the origin of the page, such as `https://edge.example.com`. */
export const PAGE_ORIGIN = '{origin}';

/** Follows the light or dark theme of the visitor's system. */
const STYLE = `
:root{color-scheme:light dark;--ink:#1b2430;--quiet:#56616f;--paper:#f6f7f9;--card:#fff;--line:#dde2e8;--accent:#0b6b50}
@media(prefers-color-scheme:dark){:root{--ink:#e7ebf0;--quiet:#9fabb9;--paper:#12161c;--card:#1a2029;--line:#2c3540;--accent:#5fd0ab}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:46rem;margin:0 auto;padding:clamp(1.5rem,6vw,4rem) 1.25rem}
.product{margin:0;color:var(--accent);font-size:.8rem;font-weight:650;letter-spacing:.09em;text-transform:uppercase}
h1{margin:.2rem 0 .6rem;font-size:clamp(1.7rem,5vw,2.3rem);line-height:1.15;letter-spacing:-.015em}
.lead{margin:0 0 1.75rem;color:var(--quiet);font-size:1.08rem}
ul{list-style:none;margin:0 0 2rem;padding:0;border:1px solid var(--line);border-radius:12px;background:var(--card);overflow:hidden}
li+li{border-top:1px solid var(--line)}
li a{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .5rem;padding:.85rem 1.1rem;color:inherit;text-decoration:none}
li a:hover,li a:focus-visible{background:color-mix(in srgb,var(--accent) 9%,transparent)}
a:focus-visible{outline:2px solid var(--accent);outline-offset:-2px}
li b{color:var(--accent);font-weight:600}
li span{flex-basis:100%;color:var(--quiet);font-size:.93rem}
section{margin:0 0 1.5rem}
section:target h2{color:var(--accent)}
h2{margin:0 0 .25rem;font-size:1.02rem;overflow-wrap:anywhere}
section p{margin:0;color:var(--quiet)}
code,pre{font:.87rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;color:var(--quiet);overflow-wrap:anywhere}
pre{margin:.5rem 0 0;padding:.85rem 1.1rem;border:1px solid var(--line);border-radius:12px;background:var(--card);color:var(--ink);white-space:pre-wrap}
`;

/** The one stylesheet by its hash: nothing else is loaded, and nothing runs. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Writes a page as HTML. */
export function renderPage({ title, lead, links = [], sections = [] }: HtmlPage): string {
  const list = links.map(
    ({ href, label, text }) =>
      `<li><a href="${escape(href)}"><b>${escape(label)}</b><code>${escape(href)}</code><span>${escape(text)}</span></a></li>`,
  );
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escape(title)} · Paddock</title><link rel="icon" href="data:,"><style>${STYLE}</style></head>`,
    `<body><main><p class="product">Paddock</p><h1>${escape(title)}</h1><p class="lead">${escape(lead)}</p>`,
    list.length > 0 ? `<ul>${list.join('')}</ul>` : '',
    ...sections.map(renderSection),
    '</main></body></html>\n',
  ].join('');
}

/** Puts an address in the place of {@link PAGE_ORIGIN} everywhere on a rendered page. */
export function withOrigin(html: string, origin: string): string {
  return html.replaceAll(PAGE_ORIGIN, escape(origin));
}

/** A host name, an IPv4 address or an IPv6 address in brackets, with or without a port. */
const HOST = /^(?:[a-z\d](?:[a-z\d.-]{0,252})|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;

/**
 * The origin that a visitor used, for examples that they copy. `Host` is what a client says: what does not look like a
 * host is answered with a placeholder, so that no example has a command of someone else in it.
 */
export function originOf({ protocol, host }: Pick<FastifyRequest, 'protocol' | 'host'>): string {
  return `${protocol === 'https' ? 'https' : 'http'}://${HOST.test(host) ? host : 'THIS-HOST'}`;
}

function renderSection({ id, heading, text, code }: PageSection): string {
  const anchor = id === undefined ? '' : ` id="${escape(id)}"`;
  const paragraph = text === undefined ? '' : `<p>${escape(text)}</p>`;
  const example = code === undefined ? '' : `<pre>${escape(code)}</pre>`;
  return `<section${anchor}><h2>${escape(heading)}</h2>${paragraph}${example}</section>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Sends HTML with the policy that it needs, in place of the one that lets pages load nothing. */
export function sendHtml(reply: FastifyReply, html: string, policy = POLICY): FastifyReply {
  return reply
    .header('content-security-policy', policy)
    .header('cache-control', 'no-cache')
    .header('vary', 'Accept')
    .type('text/html; charset=utf-8')
    .send(html);
}

/** Does a client want a page rather than data? Browsers name `text/html` before everything else; programs do not. */
export function wantsPage(accept = ''): boolean {
  const html = qualityOf('text/html', accept);
  return html > 0 && html >= qualityOf('application/json', accept);
}

/** The quality that a media type has in `Accept`, where it is named. */
function qualityOf(type: string, accept: string): number {
  const entry = accept.split(',').find((one) => one.split(';', 1)[0]?.trim().toLowerCase() === type);
  if (entry === undefined) return 0;
  const [, quality = '1'] = /;\s*q=([\d.]+)/i.exec(entry) ?? [];
  return Number(quality);
}
