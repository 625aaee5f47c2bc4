/** The task that pools with a file per worker run. */
module.exports = (x) => x + 1;
