import { below } from '../rules/path.js';

/** A JSON Pointer (RFC 6901) as a path: `/items/0/name` is `items[0].name`. */
export function pointerPath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : below(path, part)), '');
}
