/** The contract of pools, on worker processes. */
import { executorContract } from './executor-contract';

executorContract('process');
