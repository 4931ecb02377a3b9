import { Field, ID, Int, InterfaceType, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Actor } from '../access/actor.js';

/** What each code means in terms of HTTP; 400 where it is not listed. */
const STATUS_OF_PROBLEM: Readonly<Record<string, number>> = {
  INVALID_CREDENTIALS: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  STALE: 409,
  BLOCKED: 409,
  IDEMPOTENCY_CONFLICT: 422,
  RATE_LIMITED: 429,
};

/** Something expected went wrong that the caller can mend. */
@InterfaceType()
export abstract class Problem {
  /** Stable and machine-readable. */
  @Field({ description: 'Stable and machine-readable.' }) code: string;
  /** For people. */
  @Field({ description: 'What went wrong, for people.' }) message: string;

  @Field(() => Int, {
    description:
      'The HTTP status that a REST API would answer with: 409 for what is stale, 422 for an idempotency key of another request.',
  })
  get status(): number {
    return STATUS_OF_PROBLEM[this.code] ?? 400;
  }

  /** The problem as this actor may see it: some tell of documents that not every caller may read. */
  seenBy(_actor: Actor): Problem {
    return this;
  }
}

/** How much something that was found matters. */
export const Severity = { ERROR: 'ERROR', WARNING: 'WARNING' } as const;
export type Severity = (typeof Severity)[keyof typeof Severity];
registerEnumType(Severity, {
  name: 'Severity',
  valuesMap: {
    ERROR: { description: 'It is refused, or holds a release up.' },
    WARNING: { description: 'It holds nothing up, and is probably not meant.' },
  },
});

@ObjectType({ description: 'One mistake in the input, or in a draft.' })
export class FieldProblem {
  @Field({ description: 'Where, from the input object down: `body.promo.cta.href`.' }) path: string;
  @Field({ description: 'Stable and machine-readable: `INVALID_LINK`.' }) code: string;
  @Field({ description: 'What was found and what was expected.' }) message: string;

  @Field(() => Severity, { description: 'ERROR for everything that is refused.' })
  get severity(): Severity {
    return this instanceof FieldWarning ? 'WARNING' : 'ERROR';
  }

  constructor(path: string, code: string, message: string) {
    this.path = path;
    this.code = code;
    this.message = message;
  }
}

/** Something that is allowed, and probably not meant. */
export class FieldWarning extends FieldProblem {}

@ObjectType({
  implements: () => Problem,
  description: 'The input has mistakes: all of them, each with its path. Nothing was stored.',
})
export class ValidationProblem extends Problem {
  @Field(() => [FieldProblem], { description: 'Every mistake in the input.' }) fields: FieldProblem[];

  constructor(fields: FieldProblem[]) {
    super();
    this.code = 'VALIDATION';
    this.message = fields.map((field) => `${field.path}: ${field.message}`).join('; ');
    this.fields = fields;
  }
}

@ObjectType({
  implements: () => Problem,
  description: 'The caller may not do this; the message says which grant is missing.',
})
export class ForbiddenProblem extends Problem {
  constructor(message: string) {
    super();
    this.code = 'FORBIDDEN';
    this.message = message;
  }
}

@ObjectType({
  implements: () => Problem,
  description: 'What an id or key names does not exist, or not for this caller.',
})
export class NotFoundProblem extends Problem {
  constructor(message: string) {
    super();
    this.code = 'NOT_FOUND';
    this.message = message;
  }
}

@ObjectType({ implements: () => Problem, description: 'The idempotency key was used before, for another request.' })
export class IdempotencyConflictProblem extends Problem {
  constructor(key: string) {
    super();
    this.code = 'IDEMPOTENCY_CONFLICT';
    this.message = `idempotencyKey ${JSON.stringify(key)} was used for another request; send a new key`;
  }
}

@ObjectType({ description: 'How to resolve a gate.' })
export class GateResolution {
  @Field(() => String, {
    nullable: true,
    description: 'The mutation to call: `updateRelease`. Null where no mutation of this API resolves it.',
  })
  mutation: string | null;

  @Field({ description: 'What to do, for people.' }) hint: string;
}

@ObjectType({ description: 'What lets a release land in spite of a gate.' })
export class GateOverride {
  @Field({ description: 'The permission that the caller needs.' }) permission: string;
}

@ObjectType({ description: 'A reason why a release may not land.' })
export class Gate {
  @Field({ description: 'Stable and machine-readable.' }) code: string;
  @Field({ description: 'The reason, for people.' }) message: string;
  @Field(() => ID, {
    nullable: true,
    description: 'The document that it is about; null where it is about the release.',
  })
  documentId: string | null;
  @Field(() => String, { nullable: true, description: 'Where in the body, if the gate is about a part of it.' }) path:
    string | null;

  @Field(() => Severity, { description: 'Always ERROR: what only warns is a note of the plan.' })
  readonly severity: Severity = 'ERROR';

  @Field(() => GateResolution, {
    nullable: true,
    description: 'How to resolve it; null where there is no way, as for a rollback that would change nothing.',
  })
  resolution: GateResolution | null;

  @Field(() => GateOverride, {
    nullable: true,
    description: 'What lets the release land all the same; null where no permission does.',
  })
  override: GateOverride | null;

  /** @param gate what a plan found */
  static of(gate: GateFields): Gate {
    const { resolution = null, override = null } = gate;
    return Object.assign(new Gate(), { ...gate, resolution, override });
  }
}

/** What the API shows of a gate, as a plan has it. */
type GateFields = Pick<Gate, 'code' | 'message' | 'documentId' | 'path'> &
  Partial<Pick<Gate, 'resolution' | 'override'>>;

@ObjectType({ implements: () => Problem, description: 'The release may not land: every reason at once.' })
export class BlockedProblem extends Problem {
  @Field(() => [Gate], { description: 'Every reason why the release may not land.' }) gates: Gate[];

  /** @param gatesFor the gates without what an actor may not read */
  constructor(
    gates: Gate[],
    private readonly gatesFor: (actor: Actor) => Gate[] = () => gates,
  ) {
    super();
    this.code = 'BLOCKED';
    this.message = gates.map((gate) => gate.message).join('; ');
    this.gates = gates;
  }

  override seenBy(actor: Actor): BlockedProblem {
    return new BlockedProblem(this.gatesFor(actor), this.gatesFor);
  }
}

/**
 * Thrown where a problem is found deep inside; a filter turns it into the union member that the mutation returns.
 * Whatever transaction it passes through is rolled back.
 */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}
