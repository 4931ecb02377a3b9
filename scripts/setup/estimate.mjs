/**
 * A step that a command is going to run, with the time that it usually takes on an idle machine of two cores.
 * @typedef {{ title: string, seconds: number }} PlannedStep
 */

/** The same work takes this many times as long, at least and at most, as on the machine that was measured. */
const SPEED = { fastest: 0.25, slowest: 8 };

/**
 * How long the rest of a plan will take. The finished steps show how fast this machine is.
 * @param {readonly PlannedStep[]} plan
 * @param {ReadonlyMap<string, number>} ended seconds that each ended step took, by title
 * @param {ReadonlyMap<string, number>} running seconds that each running step has taken so far, by title
 */
export function secondsLeft(plan, ended, running) {
  const done = plan.filter(({ title }) => ended.has(title));
  const expected = total(done.map(({ seconds }) => seconds));
  const actual = total(done.map(({ title }) => ended.get(title) ?? 0));
  const factor = expected === 0 ? 1 : Math.min(SPEED.slowest, Math.max(SPEED.fastest, actual / expected));
  return total(
    plan
      .filter(({ title }) => !ended.has(title))
      .map(({ title, seconds }) => Math.max(0, seconds * factor - (running.get(title) ?? 0))),
  );
}

/** `about 50 s`, rounded so that it does not pretend to know more than it does. */
export function roughly(/** @type {number} */ seconds) {
  if (seconds < 5) return 'a few seconds';
  if (seconds < 95) return `about ${Math.round(seconds / 5) * 5} s`;
  return `about ${Math.round(seconds / 60)} min`;
}

const total = (/** @type {readonly number[]} */ numbers) => numbers.reduce((sum, number) => sum + number, 0);
