let armed: string | undefined;

/** Arms one crash point by name for this process; hazard tests set it through `PADDOCK_CRASH`. */
export function armCrashPoint(name: string | undefined): void {
  armed = name;
}

/**
 * A place where hazard tests kill the process as `kill -9` would: nothing is flushed, closed or caught. Costs one
 * comparison when not armed.
 */
export function crashPoint(name: string): void {
  if (armed === name) process.kill(process.pid, 'SIGKILL');
}
