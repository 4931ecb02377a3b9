import { formatRef } from '@paddock/contracts';
import { FieldProblem } from '../../graphql/problems.js';
import type { KindOf, PinnedBody, PlanInput } from '../plan.js';
import { unseen, type Unseen } from '../unseen.js';
import type { Gate, GateDescription } from './gate.js';
import { correctBody } from './resolutions.js';

/** Parts of the release's documents that no visitor will see, in the order of the documents. */
export function unseenParts(
  { environment, sites, clientKeys = [], items, now }: PlanInput,
  kindOf: KindOf,
): (readonly [PinnedBody, Unseen])[] {
  return items.flatMap(({ pinned }) => {
    if (!pinned) return [];
    const kind = kindOf(pinned.ref.kind);
    // Another gate reports bodies that the kind refuses; they may be unreadable here.
    if (!kind.placements || !kind.parse(pinned.body).ok) return [];
    return kind
      .placements(pinned.body)
      .flatMap((placement) => unseen(pinned.ref, placement, { environment, sites, clientKeys }, now))
      .map((found) => [pinned, found] as const);
  });
}

interface UnseenText extends Pick<GateDescription, 'title' | 'appears'> {
  code: Unseen['code'];
  severity: Unseen['severity'];
}

/** A certain mistake blocks a FORWARD release; a possibly intended state is a note, for rollbacks as well. */
function unseenGate({ code, severity, ...text }: UnseenText): Gate {
  return {
    ...text,
    code,
    severity,
    appliesTo: severity === 'ERROR' ? 'FORWARD' : 'ALL',
    subject: 'DOCUMENT',
    refusesSchedule: severity === 'ERROR',
    resolution: correctBody('Correct the audience or the schedule that `path` names'),
    override: null,
    find: ({ unseenParts: parts }) =>
      parts.flatMap(([pinned, { code: found, severity: weight, path, message }]) => {
        if (found !== code || weight !== severity) return [];
        return [
          {
            message: `${formatRef(pinned.ref)} ${path}: ${message}`,
            concerns: [pinned],
            path,
            ...(severity === 'ERROR' ? { problem: new FieldProblem(path, code, message) } : {}),
          },
        ];
      }),
  };
}

/** An audience names a site that does not exist. */
export const unknownSite = unseenGate({
  code: 'UNKNOWN_SITE',
  severity: 'ERROR',
  title: 'An audience names a site that does not exist',
  appears: 'An audience of a document in the release names a site that the installation does not have.',
});

/** An audience names only sites on which the document does not stand. */
export const siteOutOfScope = unseenGate({
  code: 'SITE_OUT_OF_SCOPE',
  severity: 'ERROR',
  title: 'An audience excludes the site of its document',
  appears: 'A document of one site has an audience that names only other sites, so no visitor would see it.',
});

/** Why no visitor will see a part of a document as things are, where that may be intended. */
export const unseenNotes: readonly Gate[] = [
  unseenGate({
    code: 'SITE_OUT_OF_SCOPE',
    severity: 'WARNING',
    title: 'An audience names a site without effect',
    appears: 'The audience of a document of one site also names another site, which never shows the document.',
  }),
  unseenGate({
    code: 'JURISDICTION_WITHOUT_VISITORS',
    severity: 'WARNING',
    title: 'A jurisdiction has no visitors',
    appears: 'An audience names a jurisdiction that no site and no client key of the environment has.',
  }),
  unseenGate({
    code: 'NO_VISITOR',
    severity: 'WARNING',
    title: 'No visitor is in an audience',
    appears: 'The sites and the jurisdictions of an audience have visitors, but none that is in both.',
  }),
  unseenGate({
    code: 'PERCENTAGE_ZERO',
    severity: 'WARNING',
    title: 'An audience has 0 percent of the visitors',
    appears: 'The percentage of an audience is 0.',
  }),
  unseenGate({
    code: 'SCHEDULE_ENDED',
    severity: 'WARNING',
    title: 'A schedule has ended',
    appears: 'The schedule of a document, or of a part of it, ended before the plan was made.',
  }),
];
