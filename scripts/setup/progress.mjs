const tellAfterMs = 1_000;
const remindEveryMs = 15_000;

/**
 * Runs one step. Says what is going on when it takes longer than a second, goes on saying so, and says how long it took.
 * @template T
 * @param {string} title as in "installing packages"
 * @param {() => T | Promise<T>} work
 */
export async function step(title, work) {
  const begun = performance.now();
  const seconds = () => `${((performance.now() - begun) / 1_000).toFixed(1)} s`;
  let reminding;
  const telling = setTimeout(() => {
    say(`${title} …`);
    reminding = setInterval(() => say(`${title} … ${seconds()}`), remindEveryMs);
  }, tellAfterMs);
  try {
    return await work();
  } finally {
    clearTimeout(telling);
    clearInterval(reminding);
    if (reminding) say(`${title}: ${seconds()}`);
  }
}

export function say(/** @type {string} */ line) {
  console.log(`  ${line}`);
}

/**
 * Tells the reader why it stopped. What we throw ourselves says everything in its message; the place in the code is of
 * interest only where the code is wrong.
 */
export function explain(/** @type {unknown} */ error) {
  const foreseen = error instanceof Error && error.constructor === Error;
  console.error(`\n  ${foreseen ? error.message : error instanceof Error ? error.stack : error}\n`);
}
