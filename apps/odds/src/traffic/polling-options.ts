import { CACHE_BUSTERS } from '@paddock/contracts';
import type { PollingOptions } from '@paddock/traffic';
import { Problem, quote } from '@paddock/http-server';

const NAMES = ['windowMs', 'origin', 'volatile', 'price'] as const;

/**
 * Reads the options of a log analysis: `?windowMs=1000&origin=https://api.example.com&volatile=_,ts&price=0.002`, all optional.
 * @throws Problem 400 naming every parameter that is wrong
 */
export function readPollingOptions(query: URLSearchParams): PollingOptions {
  const errors: { field: string; message: string }[] = [];
  for (const name of new Set(query.keys())) {
    if (!NAMES.some((known) => known === name))
      errors.push({ field: name.slice(0, 40), message: `is not a parameter; expected ${NAMES.join(', ')}` });
    else if (query.getAll(name).length > 1) errors.push({ field: name, message: 'is given twice' });
  }
  const windowMs = Number(query.get('windowMs') ?? '1000');
  const price = Number(query.get('price') ?? '0');
  const origin = query.get('origin') ?? undefined;
  const volatile = query.get('volatile')?.split(',') ?? CACHE_BUSTERS;
  const check = (field: string, good: boolean, expected: string): void => {
    if (!good) errors.push({ field, message: `${quote(query.get(field) ?? '')} is not ${expected}` });
  };
  check(
    'windowMs',
    Number.isInteger(windowMs) && windowMs >= 100 && windowMs <= 3_600_000,
    'an integer from 100 to 3600000',
  );
  check('price', Number.isFinite(price) && price >= 0, 'a price of one request, such as 0.002');
  check('origin', origin === undefined || isOrigin(origin), 'an origin such as https://api.example.com');
  check(
    'volatile',
    volatile.length <= 50 && volatile.every((name) => name !== ''),
    'a list of at most 50 names, joined by commas',
  );
  if (errors.length > 0)
    throw new Problem(
      400,
      'INVALID_PARAMETERS',
      errors.map(({ field, message }) => `${field}: ${message}`).join('; '),
      { errors },
    );
  return {
    windowMs,
    pricePerRequest: price,
    volatileParameters: new Set(volatile.map((name) => name.toLowerCase())),
    ...(origin === undefined ? {} : { origin: new URL(origin).origin }),
  };
}

function isOrigin(text: string): boolean {
  return (
    /^https?:\/\//.test(text) &&
    URL.canParse(text) &&
    ['/', ''].includes(new URL(text).pathname) &&
    new URL(text).search === ''
  );
}
