import { roughly, secondsLeft } from './estimate.mjs';

/** @typedef {import('./estimate.mjs').PlannedStep} PlannedStep */
/** @typedef {{ title: string, begun: number, detail: string, shown: boolean }} RunningStep */

const showAfterMs = 1_000;
const redrawEveryMs = 250;
/** Without a terminal each reminder is a line that stays: the first one after this time, the next ones ever later. */
const remindFirstAfterMs = 15_000;

const onTerminal = process.stdout.isTTY === true;

/** @type {readonly PlannedStep[]} */
let plan = [];
/** @type {Map<string, number>} */
const ended = new Map();
/** @type {Set<RunningStep>} */
const running = new Set();
/** @type {NodeJS.Timeout | undefined} */
let redrawing;

/** Announces the steps of this command, so that each shows its number and how long the rest will take. */
export function planSteps(/** @type {readonly PlannedStep[]} */ steps) {
  plan = steps;
  if (plan.length > 0) say(`${plan.length} steps, ${roughly(secondsLeft(plan, ended, new Map()))}`);
}

/**
 * Runs one step. Shows the step while it takes longer than a second, and its duration. On a terminal one line is
 * updated; elsewhere lines are few.
 * @template T
 * @param {string} title as in "installing packages"
 * @param {(progress: (detail: string) => void) => T | Promise<T>} work may report how far it is
 */
export async function step(title, work) {
  /** @type {RunningStep} */
  const current = { title, begun: performance.now(), detail: '', shown: false };
  running.add(current);
  const showing = setTimeout(() => {
    current.shown = true;
    if (!onTerminal) say(lineOf(current));
  }, showAfterMs);
  const reminding = onTerminal ? undefined : remind(current);
  redraw();
  try {
    return await work((detail) => (current.detail = detail));
  } finally {
    clearTimeout(showing);
    reminding?.();
    running.delete(current);
    ended.set(title, secondsOf(current));
    if (current.shown || isPlanned(title)) say(`${numberOf(title)}${title}: ${secondsOf(current).toFixed(1)} s`);
    redraw();
  }
}

export function say(/** @type {string} */ line) {
  clearLine();
  console.log(`  ${line}`);
  drawLine();
}

/**
 * Prints why it stopped. Our own errors explain themselves in the message; a stack is useful only for a defect in the
 * code.
 */
export function explain(/** @type {unknown} */ error) {
  const foreseen = error instanceof Error && error.constructor === Error;
  clearLine();
  console.error(`\n  ${foreseen ? error.message : error instanceof Error ? error.stack : error}\n`);
}

/** @returns {() => void} stops it */
function remind(/** @type {RunningStep} */ current) {
  let after = remindFirstAfterMs;
  /** @type {NodeJS.Timeout} */
  let timer;
  const again = () => {
    timer = setTimeout(() => {
      say(lineOf(current));
      after *= 2;
      again();
    }, after);
  };
  again();
  return () => clearTimeout(timer);
}

/** Keeps the line on the terminal up to date while a step runs. */
function redraw() {
  if (!onTerminal) return;
  if (running.size === 0) {
    clearInterval(redrawing);
    redrawing = undefined;
  } else {
    redrawing ??= setInterval(() => {
      clearLine();
      drawLine();
    }, redrawEveryMs);
  }
}

function clearLine() {
  if (onTerminal) process.stdout.write('\r\u001B[2K');
}

function drawLine() {
  if (!onTerminal) return;
  const shown = [...running].filter((step) => step.shown);
  if (shown.length === 0) return;
  const line = `  ${shown.map(lineOf).join(' · ')}`;
  process.stdout.write(line.slice(0, Math.max(20, (process.stdout.columns ?? 80) - 1)));
}

function lineOf(/** @type {RunningStep} */ current) {
  const detail = current.detail ? ` (${current.detail})` : '';
  return `${numberOf(current.title)}${current.title}${detail} … ${secondsOf(current).toFixed(0)} s${leftNow()}`;
}

function leftNow() {
  if (plan.length === 0) return '';
  const soFar = new Map([...running].map((step) => [step.title, secondsOf(step)]));
  return `, ${roughly(secondsLeft(plan, ended, soFar))} left`;
}

const secondsOf = (/** @type {RunningStep} */ { begun }) => (performance.now() - begun) / 1_000;

const isPlanned = (/** @type {string} */ title) => plan.some((step) => step.title === title);

function numberOf(/** @type {string} */ title) {
  const index = plan.findIndex((step) => step.title === title);
  return index < 0 ? '' : `[${index + 1}/${plan.length}] `;
}
