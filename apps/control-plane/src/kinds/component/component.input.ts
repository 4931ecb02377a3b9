import { Field, InputType } from '@nestjs/graphql';
import { IsOptional } from 'class-validator';
import type { ComponentBody, Json } from '@paddock/contracts';
import { JsonScalar } from '@paddock/graphql';
import { FreeJson } from '../rules/free-json.js';
import { Text } from '../rules/text.js';
import { propsSchema } from './props-schema.js';

@InputType({ description: 'Something that frontends can render; promos and layouts may use it once it is registered.' })
export class ComponentInput implements ComponentBody {
  @Field({ description: 'What people call it. At most 200 characters.' })
  @Text({ max: 200, filled: true })
  name: string;

  @Field(() => String, { nullable: true, description: 'Its purpose. At most 5,000 characters.' })
  @IsOptional()
  @Text({ max: 5_000, lines: true })
  description?: string;

  @Field(() => JsonScalar, {
    description:
      'JSON Schema 2020-12 that its props must fit. `type` is `object`; references stay within the schema; patterns are those of RE2, without look-around and back-references; the format `link` allows what promos may link to. At most 64 KB.',
  })
  @FreeJson(propsSchema)
  propsSchema: { [name: string]: Json };
}
