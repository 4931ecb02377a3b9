/**
 * Texts in the repository that look like secrets and are not: canaries of tests and samples of documentation. A line
 * names the file and the fingerprint that `npm run check:secrets` printed, so that no secret hides behind its file.
 * @type {readonly { path: string, fingerprint: string, why: string }[]}
 */
export const KNOWN_CANARIES = [
  {
    path: 'README.md',
    fingerprint: '4d0f3700f7fb4909',
    why: 'the client key of an installation that is gone, as npm start printed it',
  },
  {
    path: 'apps/control-plane/src/kinds/odds-feed/literal-secrets.int-spec.ts',
    fingerprint: '870d500175a8eb59',
    why: 'made up; it must be refused',
  },
  {
    path: 'libs/contracts/literal-secrets.spec.ts',
    fingerprint: '7c5b0229189828de',
    why: 'a well-known sample; it must be refused',
  },
  {
    path: 'libs/contracts/literal-secrets.spec.ts',
    fingerprint: '1a5d44a2dca19669',
    why: 'the sample of the documentation of AWS; it must be refused',
  },
  {
    path: 'apps/control-plane/src/adoption/testing/back-offices/publication.sql',
    fingerprint: '8432328496d8c18e',
    why: 'an address in a sample table; the test demands that it is not adopted',
  },
];
