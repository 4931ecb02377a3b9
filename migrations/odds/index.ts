import { OddsInitial1795219200000 } from './1795219200000-odds-initial.js';

/** Of the odds service, in the order in which they run. */
export const ODDS_MIGRATIONS = [OddsInitial1795219200000];
