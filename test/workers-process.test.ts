/** The contract of pools, on worker processes. */
import { executorContract } from './executor-contract';
import { trustContract } from './trust-contract';

executorContract('process');
trustContract('process');
