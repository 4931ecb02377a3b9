declare global {
  /** Put in place of this name by scripts/setup/bundle.mjs when the processes are bundled. */
  var PADDOCK_BUILD: { readonly version: string; readonly revision: string } | undefined;
}

/** What this process was built from: the version of package.json and the commit, as far as they were known then. */
export const build: { readonly version: string; readonly revision: string } = globalThis.PADDOCK_BUILD ?? {
  version: 'development',
  revision: 'unknown',
};
