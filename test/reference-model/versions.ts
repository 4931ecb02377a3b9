/** Whether a version lies in a range such as `>=2.1 <3`; all parts must match. */
export function isInRange(version: string, range: string): boolean {
  return range
    .trim()
    .split(/\s+/)
    .every((part) => {
      const [, operator = '', bound = ''] = /^([<>=]*)(.*)$/.exec(part) ?? [];
      const order = compareVersions(version, bound);
      switch (operator) {
        case '>':
          return order > 0;
        case '>=':
          return order >= 0;
        case '<':
          return order < 0;
        case '<=':
          return order <= 0;
        default:
          return order === 0;
      }
    });
}

/** Part by part as numbers; a part that is left out is 0. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let part = 0; part < 3; part += 1) {
    const order = (left[part] ?? 0) - (right[part] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}
