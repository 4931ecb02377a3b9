import { Field, ID, ObjectType } from '@nestjs/graphql';

@ObjectType({ description: 'Who did something: a user, an API token, or the system itself.' })
export class Author {
  @Field(() => ID) id: string;
  @Field() name: string;
  @Field(() => String, { nullable: true, description: 'Of users.' }) email: string | null;
}
