const MAX_REDIRECTS = 5;

/** A server sent us to another origin. */
export class RedirectedAway extends Error {}

/**
 * `fetch` that follows redirects within one origin only: what is sent along, secrets above all, is meant for the origin
 * that was configured. A redirected POST becomes a GET without its body, as in every browser (Fetch standard, 4.4).
 * @throws RedirectedAway where a redirect leads to another origin, or to no end
 */
export async function fetchWithinOrigin(from: URL, init: RequestInit): Promise<Response> {
  let url = from;
  let request = init;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await fetch(url, { ...request, redirect: 'manual' });
    const location = response.headers.get('location');
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response;
    await response.body?.cancel();
    const next = URL.parse(location, url.href);
    if (next?.origin !== from.origin)
      throw new RedirectedAway(
        `${from.origin} redirects to ${next?.origin ?? 'no address'}, which gets nothing from here`,
      );
    url = next;
    const { body: _body, ...bodiless } = request;
    if (response.status < 307 && request.method === 'POST') request = { ...bodiless, method: 'GET' };
  }
  throw new RedirectedAway(`${from.origin} redirects more than ${MAX_REDIRECTS} times`);
}
