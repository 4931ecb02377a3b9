import { Field, ID, ObjectType } from '@nestjs/graphql';

@ObjectType({ description: 'Who did something: a user, an API token, or the system itself.' })
export class Author {
  @Field(() => ID, { description: 'The id of the user or API token.' }) id: string;
  @Field({ description: 'The name to show.' }) name: string;
  @Field(() => String, {
    nullable: true,
    description: 'For users: visible to the user and to callers who manage users; null for others.',
  })
  email: string | null;
}
