/** A worker thread without any pool: an answer for each message, a list for a list. */
const { parentPort } = require('node:worker_threads');

const increment = (x) => (typeof x === 'object' ? { n: x.n + 1 } : x + 1);

parentPort.on('message', (x) => parentPort.postMessage(Array.isArray(x) ? x.map(increment) : increment(x)));
