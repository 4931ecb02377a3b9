import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findBinary } from '@paddock/processes';
import { temporaryDirectory } from '@paddock/testing';

const run = promisify(execFile);

/** @throws Error with the command that installs it */
export function assertWrk(): void {
  if (findBinary(['wrk'])) return;
  throw new Error(
    'The load is made by wrk, which is not here. Type:\n\n    sudo apt-get update && sudo apt-get install -y --no-install-recommends wrk',
  );
}

/**
 * Loads a URL by one thread with 32 connections, each sending its next request after the answer; returns answers per
 * second.
 */
export async function requestsPerSecond(url: string, seconds: number, script?: string): Promise<number> {
  const directory = await temporaryDirectory();
  try {
    const file = join(directory.path, 'requests.lua');
    if (script) await writeFile(file, script);
    const { stdout } = await run('wrk', ['-t1', '-c32', `-d${seconds}s`, ...(script ? ['-s', file] : []), url]);
    const rate = /Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1];
    if (rate === undefined || /Non-2xx|Socket errors/.test(stdout))
      throw new Error(`wrk against ${url} saw failures:\n${stdout}`);
    return Number(rate);
  } finally {
    await directory.remove();
  }
}

/** Asks for each of these query strings in turn. */
export function inTurn(path: string, queries: readonly string[]): string {
  return `
    local requests, at = {}, 0
    function init()
      for query in (${JSON.stringify(queries.join('\n'))} .. "\\n"):gmatch("(.-)\\n") do
        requests[#requests + 1] = wrk.format("GET", "${path}" .. query)
      end
    end
    function request()
      at = at % #requests + 1
      return requests[at]
    end`;
}

/** Asks as another visitor each time. */
export function neverSeenBefore(path: string, name: string): string {
  return `
    local before, after, number
    function init()
      before, after = wrk.format("GET", "${path}?locale=en-GB&device=mobile&segments=vip&visitor=${name}-@"):match("^(.-)@(.*)$")
      number = 0
    end
    function request()
      number = number + 1
      return before .. number .. after
    end`;
}
