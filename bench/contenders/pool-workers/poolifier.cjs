/** The task as poolifier's workers have it. */
const { ThreadWorker } = require(require.resolve('poolifier', { paths: [`${__dirname}/../../peers`] }));

module.exports = new ThreadWorker((x) => x + 1);
