export { compileLinear, type LinearRegExp, linearEngine, patternProblem } from './linear-regexp.js';
