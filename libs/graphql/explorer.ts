import { createHash } from 'node:crypto';

/**
 * Its name as a variable: its types would change those of graphql-js everywhere, and bundles leave it where it is, so the
 * image of a release does without its nine megabytes.
 */
const PACKAGE = ['@graphql-yoga', 'render-graphiql'].join('/');

/** A page, and the policy under which its scripts may run. */
interface Explorer {
  readonly html: string;
  readonly policy: string;
}

let made: Promise<Explorer> | undefined;

/**
 * GraphiQL with everything that it needs in one page. It is large, so it is loaded when it is first opened.
 * @throws Error where the package is not installed
 */
export function explorer(): Promise<Explorer> {
  return (made ??= make());
}

async function make(): Promise<Explorer> {
  const loaded: unknown = await import(PACKAGE);
  const render =
    typeof loaded === 'object' && loaded !== null && 'renderGraphiQL' in loaded ? loaded.renderGraphiQL : undefined;
  if (typeof render !== 'function') throw new Error(`${PACKAGE} has no renderGraphiQL`);
  const html = String(
    Reflect.apply(render, undefined, [
      { title: 'GraphiQL · Paddock', endpoint: '/graphql', subscriptionsProtocol: 'WS' },
    ]),
  );
  return { html, policy: policyOf(html) };
}

/** Its own scripts by their hash, its workers, and requests to our own origin. */
function policyOf(html: string): string {
  const scripts = [...html.matchAll(/<script>([^]*?)<\/script>/g)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${scripts.join(' ')}`,
    "style-src 'unsafe-inline'",
    "connect-src 'self'",
    'img-src data: blob:',
    'font-src data:',
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
