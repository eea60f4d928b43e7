const { stage } = dataform.projectConfig.vars;
const orders = `select 1 as id, date '2026-01-01' as day, 'rome' as shop, numeric '2.5' as amount,
  struct(7 as id, 'Ada' as name) as customer`;

if (stage === "failing test") {
  test("wrong_amount")
    .dataset("orders_rome")
    .input("stg_orders", orders)
    .expect("select 1 as id, numeric '9' as amount");
}
if (stage === "incremental test") {
  test("of_incremental").dataset("merged").input("stg_orders", orders).expect("select 1 as id");
}
