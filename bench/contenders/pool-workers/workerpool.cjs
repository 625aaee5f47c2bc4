/** The task as workerpool's workers have it. A negative number ends the worker. */
const workerpool = require(require.resolve('workerpool', { paths: [`${__dirname}/../../peers`] }));

workerpool.worker({ increment: (x) => (x < 0 ? process.exit(1) : x + 1) });
