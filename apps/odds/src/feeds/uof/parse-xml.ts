import { SaxesParser } from 'saxes';

/** An element with its attributes and the elements in it; text is not used in UOF. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
}

/** A document that cannot be a message. */
export class UnusableXml extends Error {}

/** A message; files of reference data, which the operator names, may be larger. */
const LIMITS = { characters: 384 << 10, depth: 16, elements: 20_000 };
export const REFERENCE_LIMITS = { characters: 4 << 20, depth: 16, elements: 50_000 };

interface Open extends XmlElement {
  readonly children: Open[];
}

/**
 * A whole document. Document types are refused, so there are no entities to expand, neither bombs nor files.
 * @throws UnusableXml
 */
export function parseXml(text: string, limits = LIMITS): XmlElement {
  if (text.length > limits.characters) throw new UnusableXml(`more than ${limits.characters} characters`);
  const parser = new SaxesParser();
  const root: Open = { name: '', attributes: {}, children: [] };
  const open: Open[] = [root];
  let elements = 0;
  parser.on('error', (error) => {
    throw new UnusableXml(error.message);
  });
  parser.on('doctype', () => {
    throw new UnusableXml('document types are not allowed');
  });
  parser.on('opentag', ({ name, attributes }) => {
    elements += 1;
    if (open.length > limits.depth) throw new UnusableXml(`deeper than ${limits.depth}`);
    if (elements > limits.elements) throw new UnusableXml(`more than ${limits.elements} elements`);
    const element: Open = { name, attributes, children: [] };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => open.pop());
  parser.write(text).close();
  const [document] = root.children;
  if (!document) throw new UnusableXml('no element');
  return document;
}

/** The elements of a name that stand in another, in order. */
export function childrenOf(element: XmlElement | undefined, name: string): XmlElement[] {
  return (element?.children ?? []).filter((child) => child.name === name);
}
