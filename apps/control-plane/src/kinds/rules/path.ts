/** A path to a member of an object: names that are no identifiers are quoted, and long ones cut. */
export function below(path: string, name: string): string {
  if (!/^[A-Za-z_$][\w$-]{0,59}$/.test(name))
    return `${path}[${JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name)}]`;
  return path === '' ? name : `${path}.${name}`;
}

/** Joins two parts of a path: `slots[0]` and `items[2]`, `tags` and `[3]`. */
export function joined(path: string, rest: string): string {
  return path === '' || rest === '' || rest.startsWith('[') ? `${path}${rest}` : `${path}.${rest}`;
}
