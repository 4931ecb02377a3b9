import { UnusableXml, type XmlElement } from './parse-xml.js';

/** @throws UnusableXml where the attribute is missing or empty */
export function required(element: XmlElement, name: string): string {
  const value = element.attributes[name];
  if (value) return value;
  throw new UnusableXml(`${element.name} has no ${name}`);
}

/** @throws UnusableXml where the attribute is no integer, or is missing without `fallback` */
export function integer(element: XmlElement, name: string, fallback?: number): number {
  const text = element.attributes[name];
  if (text === undefined && fallback !== undefined) return fallback;
  if (text !== undefined && /^-?\d{1,15}$/.test(text)) return Number(text);
  throw new UnusableXml(`${element.name}: ${name} must be an integer`);
}

/** @throws UnusableXml where the attribute is not one of the allowed integers */
export function oneOf<const T extends number>(
  element: XmlElement,
  name: string,
  allowed: readonly T[],
  fallback?: T,
): T {
  const value = integer(element, name, fallback);
  const known = allowed.find((option) => option === value);
  if (known !== undefined) return known;
  throw new UnusableXml(`${element.name}: ${name} must be one of ${allowed.join(', ')}`);
}

/** A part of a stake, from 0 to 1. @throws UnusableXml where it is another number */
export function share<Name extends string>(
  element: XmlElement,
  attribute: string,
  name: Name,
): { [key in Name]?: number } {
  const text = element.attributes[attribute];
  const found: { [key in Name]?: number } = {};
  if (text === undefined || text === '') return found;
  if (!/^(0(\.\d{1,9})?|1(\.0{1,9})?)$/.test(text))
    throw new UnusableXml(`${element.name}: ${attribute} must be a number from 0 to 1`);
  found[name] = Number(text);
  return found;
}

/** An attribute under another name; nothing where it is missing or empty. */
export function named<Name extends string>(
  element: XmlElement,
  attribute: string,
  name: Name,
): { [key in Name]?: string } {
  const found: { [key in Name]?: string } = {};
  const value = element.attributes[attribute];
  if (value) found[name] = value;
  return found;
}
