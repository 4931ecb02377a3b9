import { parseRichText, type RichTextBlock, type RichTextInline } from '@paddock/rich-text';
import { escapeHtml } from './escape-html.js';

/** The safe Markdown subset as HTML: the elements that `htmlToMarkdown` keeps, and nothing else. */
export function richTextToHtml(markdown: string): string {
  return parseRichText(markdown).tree.map(block).join('\n');
}

/** Do two texts of the subset show the same? One thing can be written in several ways. */
export function isSameRichText(one: string, other: string): boolean {
  return one === other || JSON.stringify(parseRichText(one).tree) === JSON.stringify(parseRichText(other).tree);
}

function block(node: RichTextBlock): string {
  switch (node.type) {
    case 'paragraph':
      return `<p>${inlines(node.children)}</p>`;
    case 'heading':
      return `<h${node.level}>${inlines(node.children)}</h${node.level}>`;
    case 'list': {
      const [name, start] = node.ordered
        ? ['ol', node.start === undefined ? '' : ` start="${node.start}"`]
        : ['ul', ''];
      // A paragraph alone in an item is the item's text.
      const items = node.items.map(
        ({ children }) =>
          `<li>${children.map((child) => (children.length === 1 && child.type === 'paragraph' ? inlines(child.children) : block(child))).join('')}</li>`,
      );
      return `<${name}${start}>${items.join('')}</${name}>`;
    }
  }
}

function inlines(nodes: readonly RichTextInline[]): string {
  return nodes.map(inline).join('');
}

function inline(node: RichTextInline): string {
  switch (node.type) {
    case 'text':
      return escapeHtml(node.value);
    case 'code':
      return `<code>${escapeHtml(node.value)}</code>`;
    case 'break':
      return '<br>';
    case 'emphasis':
      return `<em>${inlines(node.children)}</em>`;
    case 'strong':
      return `<strong>${inlines(node.children)}</strong>`;
    case 'link':
      return `<a href="${escapeHtml(node.url)}"${title(node.title)}>${inlines(node.children)}</a>`;
    case 'image':
      return `<img src="${escapeHtml(node.url)}" alt="${escapeHtml(node.alt)}"${title(node.title)}>`;
  }
}

function title(text: string | undefined): string {
  return text === undefined ? '' : ` title="${escapeHtml(text)}"`;
}
