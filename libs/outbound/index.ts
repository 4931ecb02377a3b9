export { AddressGuard, type Resolve } from './address-guard.js';
export { AddressPolicy, type PolicyNetworks, type Use } from './address-policy.js';
export {
  type Destination,
  type DestinationProblem,
  destinationProblems,
  feedDestinations,
  upstreamDestinations,
} from './destinations.js';
export {
  configHeaderProblem,
  credentialHeaderProblem,
  headerValueProblem,
  transportHeaderProblem,
} from './header-problems.js';
export { OutboundClient, type OutboundClientOptions, type OutboundRequest } from './outbound-client.js';
export { OutboundError, type OutboundErrorCode } from './outbound-error.js';
export { OutboundResponse } from './outbound-response.js';
export { readNetworks, readOutboundPolicy, readProxyPolicy } from './outbound-settings.js';
export { hostRefusal, URL_NOT_ALLOWED, urlRefusal } from './url-refusal.js';
