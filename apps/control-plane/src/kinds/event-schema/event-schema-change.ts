import { canonicalJson } from '@paddock/contracts';
import {
  checkCompatibility,
  compareSemVer,
  DEFAULT_COMPATIBILITY,
  type EventSchemaBody,
  type EventVersion,
  incompatibility,
  isTransitive,
  parseSemVer,
  versionFields,
} from '@paddock/metrics';
import { FieldProblem } from '../../graphql/problems.js';

/**
 * Changes that a live schema does not allow. Events are kept for years and read by the version they came in, so a
 * version stays unchanged and stays in the list, and the fields that identify an event are fixed. Otherwise a change of
 * an earlier version would also change the base of later comparisons.
 */
export function changeProblems(live: EventSchemaBody, next: EventSchemaBody): FieldProblem[] {
  return [...versionProblems(live, next), ...fieldProblems(live, next)];
}

function versionProblems(live: EventSchemaBody, next: EventSchemaBody): FieldProblem[] {
  const missing: FieldProblem[] = [];
  for (const { version, schema } of live.versions) {
    const index = next.versions.findIndex((candidate) => candidate.version === version);
    const kept = next.versions[index];
    if (!kept)
      missing.push(
        new FieldProblem(
          'versions',
          'VERSION_REMOVED',
          `${version} is live and its events are kept; set \`deprecated\` to end it`,
        ),
      );
    else if (canonicalJson(kept.schema) !== canonicalJson(schema)) {
      missing.push(
        new FieldProblem(
          `versions[${index}].schema`,
          'VERSION_CHANGED',
          `${version} is live and stays as it is; add a new version instead${changedFields(live, next, version)}`,
        ),
      );
    }
  }
  return missing;
}

/** The fields in which two texts of one version differ, for the message. */
function changedFields(live: EventSchemaBody, next: EventSchemaBody, version: string): string {
  const fields = (body: EventSchemaBody) => {
    const found = body.versions.find((candidate) => candidate.version === version);
    return new Map((found ? versionFields(found) : []).map(({ path, type }) => [path, type]));
  };
  const [before, after] = [fields(live), fields(next)];
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  );
  return changed.length === 0 ? '' : `: ${changed.slice(0, 10).join(', ')} would change`;
}

function fieldProblems(live: EventSchemaBody, next: EventSchemaBody): FieldProblem[] {
  const declared = new Set(live.versions.flatMap((version) => versionFields(version).map(({ path }) => path)));
  const roles = ['id', 'time', 'user', 'anonymous', 'session'] as const;
  return roles.flatMap((role) => {
    const [before, after] = [live.fields[role], next.fields[role]];
    if (before === after) return [];
    if (before === undefined && after !== undefined && !declared.has(after)) return [];
    const message =
      before === undefined
        ? `${after ?? ''} has been an ordinary field until now; only a field that a new version adds can become the ${role}`
        : `is ${before} in all events that are kept, so it cannot become ${after ?? 'nothing'}`;
    return [new FieldProblem(`fields.${role}`, 'IDENTITY_CHANGED', message)];
  });
}

/**
 * What a schema that comes back, after a removal or a rollback, may not do to events of versions that were live once:
 * they are kept and read all the same. A version comes back as it was, and new ones are compared with those that are gone
 * from the list too, because transitive compatibility speaks of every earlier version and not of those that are listed.
 */
export function historyProblems(
  landed: readonly EventSchemaBody[],
  live: EventSchemaBody | undefined,
  next: EventSchemaBody,
): FieldProblem[] {
  const last = landed.at(-1);
  if (!last) return [];
  // The newest text counts: an older one was changed while nothing was live, by a rule that did not hold yet.
  const known = new Map(landed.flatMap(({ versions }) => versions).map((version) => [version.version, version]));
  for (const { version } of live?.versions ?? []) known.delete(version);
  const gone = [...known.values()]
    .filter(({ version }) => !next.versions.some((kept) => kept.version === version))
    .sort(byVersion);
  const everLanded = new Set(landed.flatMap(({ versions }) => versions.map(({ version }) => version)));
  return [
    ...(live ? [] : fieldProblems(last, next)),
    ...next.versions.flatMap((version, index) => {
      const before = known.get(version.version);
      if (before && canonicalJson(before.schema) !== canonicalJson(version.schema))
        return [
          new FieldProblem(
            `versions[${index}].schema`,
            'VERSION_CHANGED',
            `${version.version} was live and its events are kept; it comes back as it was, or a new version takes its place`,
          ),
        ];
      return everLanded.has(version.version) ? [] : goneProblems(version, index, gone, next);
    }),
  ];
}

function goneProblems(
  version: EventVersion,
  index: number,
  gone: readonly EventVersion[],
  next: EventSchemaBody,
): FieldProblem[] {
  const mode = next.compatibility ?? DEFAULT_COMPATIBILITY;
  // Without TRANSITIVE only the version just before counts, and it may be one that is still listed.
  const earlier = isTransitive(mode)
    ? gone
    : [...gone, ...next.versions.slice(0, index)].filter((other) => byVersion(other, version) < 0).sort(byVersion);
  return checkCompatibility(version, earlier, mode)
    .filter(({ version: other }) => gone.some((candidate) => candidate.version === other))
    .map((violation) => {
      const { version: other, field } = violation;
      const path = `versions[${index}].schema${field === '' ? '' : `.${field}`}`;
      return new FieldProblem(
        path,
        'INCOMPATIBLE',
        `${incompatibility(version.version, violation, mode)}; ${other} was live and its events are kept`,
      );
    });
}

function byVersion(a: EventVersion, b: EventVersion): number {
  const [one, other] = [parseSemVer(a.version), parseSemVer(b.version)];
  return one && other ? compareSemVer(one, other) : 0;
}
