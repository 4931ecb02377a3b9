import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/**
 * A password that appears on no screen and on no command line: typed twice on a terminal, or the first line of standard
 * input.
 * @throws Error where the two differ, or where there is none
 */
export async function askForPassword(): Promise<string> {
  if (!process.stdin.isTTY) return firstLine();
  const password = await typed('Password (it is not shown): ');
  if ((await typed('The same again: ')) !== password) throw new Error('password: the two differ; nothing was stored');
  return password;
}

async function typed(question: string): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  terminal.once('SIGINT', () => {
    process.stderr.write('\n');
    process.exit(130);
  });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}

async function firstLine(): Promise<string> {
  const chunks: string[] = [];
  for await (const chunk of process.stdin.setEncoding('utf8')) chunks.push(String(chunk));
  const [line = ''] = chunks.join('').split(/\r?\n/, 1);
  if (line === '') throw new Error('password: expected on standard input, or use --generate');
  return line;
}
