import { Body, Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { isReservedConsumer, type Receipt } from '@paddock/contracts';
import { clientKeyOf } from '@paddock/http-server';
import { InvalidPayload, receiptTask, TaskProducer } from '@paddock/tasks';
import { type Access, openEnvironment } from '../http/client-access.js';
import { BODY, invalidBody, Problem, quote } from '../http/problem.js';
import { Environments } from '../state/environments.js';

const FIELDS = [
  'environment',
  'seq',
  'instance',
  'state',
  'error',
  'stateHash',
  'appliedAt',
  'ms',
  'leaseMs',
  'requestId',
  'traceparent',
];

/** Consumers over HTTP send no heartbeats: a receipt says for how long they count as alive, or it is this long. */
const LEASE_MS = 60_000;

/** Receipts of consumers that read over HTTP. Saying the same twice changes nothing. */
@Controller('v1/receipts')
export class ReceiptsController {
  constructor(
    private readonly environments: Environments,
    private readonly producer: TaskProducer,
  ) {}

  @Post()
  @HttpCode(202)
  async receive(
    @Body() body: unknown,
    @Headers() headers: Record<string, string | undefined>,
  ): Promise<{ accepted: true }> {
    const fields = membersOf(body);
    const access = openEnvironment(this.environments, environmentOf(fields), clientKeyOf(headers), 'receipts');
    authorizeReceipts(access);
    const receipt = receiptOf(fields, access);
    assertNotAhead(receipt, access);
    try {
      await this.producer.add(receiptTask, receipt);
    } catch {
      throw new Problem(503, 'QUEUE_AWAY', 'receipts cannot be taken at the moment; send it again', {
        headers: { 'Retry-After': '2' },
      });
    }
    return { accepted: true };
  }
}

/**
 * A receipt speaks for a whole environment, and in the name of its key's consumer alone.
 * @throws Problem 403
 */
function authorizeReceipts({ key }: Access): void {
  if (key && key.site !== null) {
    throw new Problem(
      403,
      'SITE_BOUND_KEY',
      `the client key is bound to the site ${quote(key.site)}; receipts speak for the whole environment, so their key must belong to all sites`,
    );
  }
  if (key && isReservedConsumer(key.consumer)) {
    throw new Problem(
      403,
      'RESERVED_CONSUMER',
      `the consumer ${quote(key.consumer)} is one of the product's own services; create a client key with a consumer name of your own`,
    );
  }
}

/** @throws Problem 400 naming every field that is unknown or wrong */
function receiptOf(fields: Readonly<Record<string, unknown>>, { key }: Access): Receipt {
  const unknown = Object.keys(fields)
    .filter((name) => !FIELDS.includes(name))
    .map((name) => ({ field: name.slice(0, 40), message: `is not a field; expected ${FIELDS.join(', ')}` }));
  const read = readReceipt({
    appliedAt: new Date().toISOString(),
    leaseMs: LEASE_MS,
    ...fields,
    consumer: key?.consumer,
  });
  const mistakes = 'mistakes' in read ? [...unknown, ...read.mistakes] : unknown;
  if ('mistakes' in read || mistakes.length > 0) throw invalidBody(mistakes);
  return read.receipt;
}

function readReceipt(body: object): { receipt: Receipt } | { mistakes: { field: string; message: string }[] } {
  try {
    return { receipt: receiptTask.parse(body) };
  } catch (error) {
    if (!(error instanceof InvalidPayload)) throw error;
    return { mistakes: error.mistakes.map(({ path, expected }) => ({ field: path, message: `must be ${expected}` })) };
  }
}

/**
 * The receipt of a release that did not land would be dropped later without an error.
 * @throws Problem 503, because another edge may be further
 */
function assertNotAhead({ seq }: Receipt, { state }: Access): void {
  const current = state.position.seq;
  if (seq <= current) return;
  const message = `this edge is at seq ${current}, behind seq ${seq}`;
  throw new Problem(503, 'BEHIND', `seq: ${message}`, {
    errors: [{ field: 'seq', message, pointer: '#/seq' }],
    headers: { 'Retry-After': '1' },
  });
}

function membersOf(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body };
  throw invalidBody([{ field: BODY, message: 'must be a JSON object' }]);
}

function environmentOf({ environment }: Readonly<Record<string, unknown>>): string {
  if (typeof environment === 'string' && environment !== '') return environment;
  throw invalidBody([
    { field: 'environment', message: `${quote(String(environment))} is not the name of an environment` },
  ]);
}
