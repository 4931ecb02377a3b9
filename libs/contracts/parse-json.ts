import type { Json } from './canonical-json.js';

/**
 * Reads JSON as an object. What its fields hold is for the caller to check.
 * @throws {SyntaxError} when the text is no JSON
 * @throws {TypeError} when it is JSON of anything but an object
 */
export function parseJsonObject(text: string): { [name: string]: Json } {
  const value: Json = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError('expected a JSON object');
  return value;
}
