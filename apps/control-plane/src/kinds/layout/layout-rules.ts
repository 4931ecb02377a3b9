import { type Finding, found, isObject, type Rule } from '../rules/check.js';

const TARGETS = ['promo', 'promos', 'component', 'markets'] as const;

/** Every item shows exactly one thing, and props only with the component that takes them. */
export const itemFindings: Rule = (items) => (Array.isArray(items) ? items.flatMap(ofItem) : []);

function ofItem(item: unknown, index: number): Finding[] {
  if (!isObject(item)) return [];
  const given = TARGETS.filter((target) => item[target] != null);
  const findings: Finding[] = [];
  if (given.length !== 1) {
    const message = `has ${given.length === 0 ? 'none' : given.join(' and ')}, expected exactly one of ${TARGETS.join(', ')}`;
    findings.push({ path: `[${index}]`, code: 'EXACTLY_ONE', message });
  }
  if (item.props != null && item.component == null) {
    const message = 'are given, but no component that takes them';
    findings.push({ path: `[${index}].props`, code: 'PROPS_WITHOUT_COMPONENT', message });
  }
  return findings;
}

/** A slot is known by its name, so no two have the same. */
export const slotFindings: Rule = (slots) => {
  const names = Array.isArray(slots) ? slots.map((slot: unknown) => (isObject(slot) ? slot.name : undefined)) : [];
  return names.flatMap((name, index): Finding[] =>
    typeof name === 'string' && names.indexOf(name) < index
      ? [{ path: `[${index}].name`, code: 'DUPLICATE', message: `${found(name)} is the name of an earlier slot too` }]
      : [],
  );
};
