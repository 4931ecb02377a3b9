export { canonicalAddress, networkOf } from './addresses.js';
export { type Client, clientAddressOf, ownOriginOf } from './client.js';
export { clientKeyOf, authorizeClientKey, holderOfKey } from './client-keys.js';
export { answerPreflights, Cors, type CorsPolicy, GRAPHQL_REQUEST_HEADERS } from './cors.js';
export { type HtmlPage, PAGE_ORIGIN, renderPage, sendHtml, wantsPage } from './html-page.js';
export { HttpPort, type PortManner, type RequestListener, type Upgrade } from './http-port.js';
export { defaultHttpSettings, type HttpSettings, type PortDefaults, readHttpSettings } from './http-settings.js';
export { type JsonBodies, parseJsonBody, readJsonBodies, textOfBody } from './json-bodies.js';
export { observeRequests, requestIdOf } from './observe-requests.js';
export { operationsOf, OperationsServer, type PublicTexts, serveOperations } from './operations.js';
export { Problem, PROBLEM_TYPE, quote, type RequestMistake } from './problem.js';
export { PROBLEM_CODES, type ProblemCode } from './problem-codes.js';
export { ProblemFilter } from './problem.filter.js';
export { answerProblem, isGraphqlUrl, limitWrongKeys, sendProblem } from './refusals.js';
export { RequestLimits, shownKey } from './request-limits.js';
export {
  type ApiDescription,
  arrayOf,
  type JsonSchema,
  objectSchema,
  type ParameterDescription,
  type RouteDescription,
  schemaRef,
} from './route-description.js';
export { noteRoutes, routesOf, type ServedRoute } from './route-table.js';
export { type PortPages, servePages } from './serve-pages.js';
export { NO_PROXIES } from './trusted-proxies.js';
