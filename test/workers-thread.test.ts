/** The contract of pools, on worker threads. */
import { executorContract } from './executor-contract';
import { trustContract } from './trust-contract';

executorContract('thread');
trustContract('thread');
