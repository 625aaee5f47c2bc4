/** The task of pools that are given a module: piscina, tinypool. A negative number ends the worker. */
module.exports = (x) => (x < 0 ? process.exit(1) : x + 1);
