import { registerEnumType } from '@nestjs/graphql';
import { type KindName, KINDS } from '@paddock/contracts';

/** `MARKET_RULE` in GraphQL is `market-rule` everywhere else. */
export const enumName = (kind: string): string => kind.toUpperCase().replaceAll('-', '_');

export const Kind = Object.fromEntries(KINDS.map((kind) => [enumName(kind), kind]));

registerEnumType(Kind, { name: 'Kind', description: 'The type of a config document.' });

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** The member of a `@oneOf` body input that belongs to a kind: `marketRule` for `market-rule`. */
export function graphqlMember<Name extends KindName>(kind: Name): CamelCase<Name> {
  return kind.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()) as CamelCase<Name>;
}
