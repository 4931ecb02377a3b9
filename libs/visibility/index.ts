export { byPrecedence, type CompiledRule, compileRule, concerns, type View, withholds } from './compile-rule.js';
export { type Conflict, conflicts } from './conflicts.js';
export { compareFeatured, MarketView } from './market-view.js';
export { type MarketSubject, type Matching, matching, specificityOf } from './match.js';
