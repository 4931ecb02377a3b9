/**
 * Images that a Dockerfile or Compose file names, pinned or not: `node:24-slim@sha256:…`.
 * @typedef {{ repository: string, tag: string, digest?: string }} ImageReference
 */

const REFERENCE =
  /(?<=^\s*(?:FROM|image:)\s+)(?<repository>[a-z0-9][a-z0-9._/-]*):(?<tag>[\w.-]+)(?:@(?<digest>sha256:[0-9a-f]{64}))?/gm;

/** @returns {ImageReference[]} */
export function imagesIn(/** @type {string} */ text) {
  return [...text.matchAll(REFERENCE)].map(({ groups = {} }) => ({
    repository: groups['repository'] ?? '',
    tag: groups['tag'] ?? '',
    ...(groups['digest'] ? { digest: groups['digest'] } : {}),
  }));
}

/** The text with every image that it names pinned to these digests. */
export function withDigests(
  /** @type {string} */ text,
  /** @type {ReadonlyMap<string, string>} by `repository:tag` */ digests,
) {
  return text.replace(REFERENCE, (found, repository, tag) => {
    const digest = digests.get(`${repository}:${tag}`);
    return digest ? `${repository}:${tag}@${digest}` : found;
  });
}

const INDEXES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

/**
 * The digest that a tag of a registry (the OCI Distribution Specification, with Docker's token authentication) has now:
 * the digest of its index, which covers all platforms.
 * @param {{ repository: string, tag: string }} image
 * @param {string} registry
 */
export async function digestOf({ repository, tag }, registry = 'https://registry-1.docker.io') {
  const path = repository.includes('/') ? repository : `library/${repository}`;
  const ask = (/** @type {Record<string, string>} */ headers) =>
    fetch(`${registry}/v2/${path}/manifests/${tag}`, {
      method: 'HEAD',
      headers: { accept: INDEXES.join(', '), ...headers },
      signal: AbortSignal.timeout(20_000),
    });
  let response = await ask({});
  if (response.status === 401)
    response = await ask({ authorization: `Bearer ${await tokenFor(response.headers.get('www-authenticate') ?? '')}` });
  const digest = response.headers.get('docker-content-digest');
  if (!response.ok || !/^sha256:[0-9a-f]{64}$/.test(digest ?? ''))
    throw new Error(`${registry} answers ${response.status} for ${repository}:${tag}`);
  if (!INDEXES.includes(response.headers.get('content-type') ?? ''))
    throw new Error(`${repository}:${tag} is an image for one platform alone`);
  return digest ?? '';
}

async function tokenFor(/** @type {string} */ challenge) {
  const part = (/** @type {string} */ name) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? '';
  const url = new URL(part('realm'));
  url.searchParams.set('service', part('service'));
  url.searchParams.set('scope', part('scope'));
  const { token } = /** @type {{ token: string }} */ (
    await (await fetch(url, { signal: AbortSignal.timeout(20_000) })).json()
  );
  return token;
}
