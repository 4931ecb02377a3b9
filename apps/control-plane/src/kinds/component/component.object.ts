import { Field, ObjectType } from '@nestjs/graphql';
import type { ComponentBody, Json } from '@paddock/contracts';
import { JsonScalar } from '@paddock/graphql';

@ObjectType({ description: 'Something that frontends can render.' })
export class Component implements ComponentBody {
  @Field({ description: 'What people call it.' }) name: string;
  @Field(() => String, { nullable: true, description: 'Its purpose.' }) description?: string;
  @Field(() => JsonScalar, { description: 'JSON Schema 2020-12 that its props must fit.' }) propsSchema: {
    [name: string]: Json;
  };
}

export function toComponent(body: ComponentBody): Component {
  return Object.assign(new Component(), body);
}
