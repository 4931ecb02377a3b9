export {
  type Candidate,
  compilePage,
  type Content,
  type Group,
  type PagePlan,
  type PlannedPromo,
  type PromoSource,
  type SlotPlan,
} from './page-plan.js';
export { type PageBody, type PageItem, type PageName, parsePage, renderPage } from './render.js';
export { type Resolved, resolve, type Signature, signatureOf } from './resolve.js';
