import type { Receipt } from '@paddock/contracts';
import { continueTrace, type Logger } from '@paddock/runtime';
import { receiptTask, type TaskProducer } from '@paddock/tasks';

const RETRY_MS = 1_000;

/**
 * Sends receipts through the queue. While the queue is unreachable the newest one per environment and state waits: it speaks
 * for all before it.
 */
export class ReceiptOutbox {
  private readonly waiting = new Map<string, Receipt>();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly producer: TaskProducer,
    private readonly logger: Logger,
  ) {}

  /** Takes a receipt and sees to it that it, or a newer one, arrives. */
  async send(receipt: Receipt): Promise<void> {
    try {
      await this.enqueue(receipt);
    } catch (error) {
      this.logger.debug({ err: error, environment: receipt.environment, seq: receipt.seq }, 'receipt has to wait');
      this.keep(receipt);
    }
  }

  /** Receipts that are not sent yet. */
  get backlog(): number {
    return this.waiting.size;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private async enqueue(receipt: Receipt): Promise<void> {
    const { consumer, environment, seq, state, requestId } = receipt;
    await continueTrace(receipt.traceparent, `${consumer} receipt`, { environment, seq, state }, () =>
      this.producer.add(receiptTask, receipt),
    );
    this.logger.debug({ environment, seq, state, requestId }, 'receipt sent');
  }

  private keep(receipt: Receipt): void {
    const name = `${receipt.consumer}/${receipt.instance}/${receipt.environment}/${receipt.state}`;
    const known = this.waiting.get(name);
    if (!known || known.seq <= receipt.seq) this.waiting.set(name, receipt);
    if (!this.closed) this.timer ??= setTimeout(() => void this.retry(), RETRY_MS * (0.75 + Math.random() / 2));
  }

  private async retry(): Promise<void> {
    this.timer = undefined;
    const receipts = [...this.waiting.values()];
    this.waiting.clear();
    for (const receipt of receipts) await this.send(receipt);
  }
}
