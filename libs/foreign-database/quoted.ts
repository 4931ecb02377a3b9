/** A MySQL identifier as it stands in a statement, whatever characters it has. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
