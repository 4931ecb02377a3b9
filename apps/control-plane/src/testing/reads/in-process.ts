import { GraphQLSchemaHost } from '@nestjs/graphql';
import {
  type DocumentNode,
  execute,
  type GraphQLSchema,
  OverlappingFieldsCanBeMergedRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { Actor } from '../../access/actor.js';
import { RequestScope } from '../../graphql/request-scope.js';
import { subscribe } from '../../graphql/subscribe.js';
import type { World } from '../world.js';

/** Every field has an alias of its own, so none overlap, and finding that out costs the square of their number. */
const RULES = specifiedRules.filter((rule) => rule !== OverlappingFieldsCanBeMergedRule);

/** The API below HTTP and its limits: the same schema, guards, filters and resolvers, for operations of any size. */
export class InProcess {
  readonly schema: GraphQLSchema;
  private readonly documents = new Map<string, DocumentNode>();

  constructor(private readonly world: World) {
    this.schema = world.app.get(GraphQLSchemaHost, { strict: false }).schema;
  }

  /** Everything that comes back, as text: data, and what the errors say. */
  async send(actor: Actor | undefined, source: string): Promise<string> {
    const document = this.parsed(source);
    const { data, errors } = await execute({ schema: this.schema, document, contextValue: scopeOf(actor) });
    const said = errors?.map(({ message, originalError, path }) => ({
      message,
      path,
      problem: problemOf(originalError),
    }));
    return JSON.stringify({ data, errors: said });
  }

  /** Valid, and parsed once for all that ask it. */
  private parsed(source: string): DocumentNode {
    const known = this.documents.get(source);
    if (known) return known;
    const document = parse(source);
    const mistakes = validate(this.schema, document, RULES);
    if (mistakes.length > 0) throw new Error(`${mistakes.join('; ')} in ${source.slice(0, 300)}`);
    this.documents.set(source, document);
    return document;
  }

  /** The events of a subscription, as text, as far as they have come; `stop` ends it. */
  async subscribe(
    actor: Actor | undefined,
    source: string,
  ): Promise<{ events: string[]; stop: () => Promise<unknown> }> {
    const started = await subscribe({
      schema: this.schema,
      document: this.parsed(source),
      contextValue: scopeOf(actor),
    });
    if (!(Symbol.asyncIterator in started)) return { events: [JSON.stringify(started)], stop: () => Promise.resolve() };
    const events: string[] = [];
    void (async () => {
      for await (const event of started) events.push(JSON.stringify(event));
    })();
    return { events, stop: () => started.return(undefined) };
  }

  /** How many statements the work sent to the database. */
  async statements(work: () => Promise<unknown>): Promise<number> {
    const { connection } = this.world.db.manager;
    const { logger } = connection;
    let count = 0;
    const nothing = () => undefined;
    connection.logger = {
      logQuery: () => void (count += 1),
      logQueryError: nothing,
      logQuerySlow: nothing,
      logSchemaBuild: nothing,
      logMigration: nothing,
      log: nothing,
    };
    try {
      await work();
      return count;
    } finally {
      connection.logger = logger;
    }
  }
}

const scopeOf = (actor: Actor | undefined): RequestScope =>
  new RequestScope('request', '127.0.0.1', actor ? { actor, confirmedAt: new Date() } : {});

function problemOf(error: unknown): unknown {
  return error instanceof Error && 'problem' in error ? error.problem : undefined;
}
