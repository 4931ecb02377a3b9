/** One mistake in an audience or a schedule. */
export interface TargetingProblem {
  /** Where, from the audience or schedule down: `from`, `jurisdictions[1]`; empty for the whole of it. */
  path: string;
  /** Stable and machine-readable: `DST_GAP`. */
  code: string;
  /** What was found and what was expected. */
  message: string;
}

/** What was found, quoted and cut to a length that fits into a message. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
