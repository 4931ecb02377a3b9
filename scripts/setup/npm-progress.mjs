/** As npm logs one fetched archive of a package at the level `http`, from the registry or from its cache. */
const FETCHED = /^npm http (?:fetch GET 200|cache) \S*\/([^/\s]+)\.tgz\b/;

/**
 * Reads npm's log of fetches and reports how many packages have arrived.
 * @param {number} total
 * @param {(text: string) => void} progress
 * @returns {(line: string) => void} to be called with each line
 */
export function countPackages(total, progress) {
  /** @type {Set<string>} */
  const fetched = new Set();
  return (line) => {
    const archive = FETCHED.exec(line)?.[1];
    if (!archive || fetched.has(archive)) return;
    fetched.add(archive);
    progress(
      fetched.size < total
        ? `${fetched.size} of ${total} packages, ${archive}`
        : `${fetched.size} packages fetched, unpacking`,
    );
  };
}
