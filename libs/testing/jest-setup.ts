import { jest } from '@jest/globals';

// Real servers and real processes on a busy machine of two cores; a test that hangs still ends.
jest.setTimeout(300_000);
