import { benchQueries } from './analytics-queries.js';
import { receiveTask } from './child.js';

// The types of two GraphQL schemas cannot live in one process, and the bench's own has the control plane's.
const task = await receiveTask<{ events?: number }>();
process.send?.(await benchQueries(task));
process.exit();
