/** The contract of pools, on worker threads. */
import { executorContract } from './executor-contract';

executorContract('thread');
