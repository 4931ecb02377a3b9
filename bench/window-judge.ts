/**
 * Finds requests for one thing twice in one window. A client that keeps to windows of a clock sends a request in one
 * window, and the request arrives a moment later, perhaps in the next window. So each request is assigned the earliest
 * free window in which it can have been sent. Where no window is free, the client asked twice.
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
