import { Field, ID, ObjectType } from '@nestjs/graphql';

@ObjectType({ description: 'Who did something: a user, an API token, or the system itself.' })
export class Author {
  @Field(() => ID) id: string;
  @Field() name: string;
  @Field(() => String, {
    nullable: true,
    description: 'Of users: one’s own, and everybody’s for those who manage users; null for others.',
  })
  email: string | null;
}
