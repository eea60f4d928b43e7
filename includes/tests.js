/**
 * Ends a model whose unit test has several rows: Dataform compares them by position. In a unit test `self()` is empty;
 * everywhere else it is not, and a table that is written needs no order.
 */
const order = (self, keys) => (self ? "" : `order by ${keys}`);

module.exports = { order };
