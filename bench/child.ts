import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** Starts a program of this folder in a separate process, sends it its task and waits for its first message. */
export async function startChild(file: string, task: object): Promise<{ child: ChildProcess; answer: unknown }> {
  // Not as JSON, which has no NaN for values that were not measured.
  const child = fork(new URL(file, import.meta.url), { serialization: 'advanced' });
  child.send(task);
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${file} ended before it answered`);
  });
  const [answer] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => undefined);
  return { child, answer };
}

/** In such a program: waits for the task, and exits when the parent exits. */
export async function receiveTask<Task>(): Promise<Task> {
  process.on('disconnect', () => process.exit());
  return new Promise((resolve) => process.once('message', (task: Task) => resolve(task)));
}
