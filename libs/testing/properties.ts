import fc from 'fast-check';
import { testSeed } from './settings.js';

fc.configureGlobal({ seed: testSeed() });

/** fast-check, which draws from the seed of the run: see {@link testSeed}. */
export { fc };
