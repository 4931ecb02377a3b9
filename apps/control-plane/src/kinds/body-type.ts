import { InputType, ObjectType } from '@nestjs/graphql';

/** What goes in as it comes out: an object type called like the class, and an input type with the same fields, called `<class>Input`. */
export function BodyType(description: string): ClassDecorator {
  return (target) => {
    ObjectType(target.name, { description })(target);
    InputType(`${target.name}Input`, { description })(target);
  };
}
