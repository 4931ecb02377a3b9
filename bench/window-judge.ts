/**
 * Tells who asks for one thing twice in one window. Whoever keeps to windows of a clock lets a request out in one of them,
 * and it arrives a moment later, perhaps in the next. So each request is given the earliest window that it can have been
 * let out in and that no other one has; where there is none left, somebody asked twice.
 */
export class WindowJudge {
  private readonly taken = new Map<string, number>();

  constructor(
    private readonly windowMs: number,
    /** So long may a request have been on its way. */
    private readonly onItsWayMs: number,
  ) {}

  /** A request arrives; they come in their order. */
  isSecond(question: string, nowMs: number): boolean {
    const window = Math.max(
      Math.floor((nowMs - this.onItsWayMs) / this.windowMs),
      (this.taken.get(question) ?? -Infinity) + 1,
    );
    if (window > Math.floor(nowMs / this.windowMs)) return true;
    this.taken.set(question, window);
    return false;
  }
}
