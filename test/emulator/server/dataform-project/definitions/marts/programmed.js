const second = dataform.projectConfig.vars.stage === "2";

// A table in the first stage and a view in the second, and the other way round.
publish("once_table", { type: second ? "view" : "table", tags: ["main"] }).query(
  (ctx) => `select count(*) as orders from ${ctx.ref("stg_orders")}`,
);
publish("once_view", { type: second ? "table" : "view", tags: ["main"] }).query(
  (ctx) => `select count(*) as orders from ${ctx.ref("stg_orders")}`,
);

// One table per shop.
for (const shop of ["milan", "rome"]) {
  publish(`orders_${shop}`, { type: "table", tags: ["main", "shops"] })
    .query((ctx) => `select id, amount from ${ctx.ref("stg_orders")} where shop = '${shop}'`)
    .preOps("select 1")
    .postOps((ctx) => `alter table ${ctx.self()} set options (friendly_name = 'Shop ${shop}')`);
}

assert("amounts_are_known", { tags: ["main"] }).query(
  (ctx) => `select * from ${ctx.ref("stg_orders")} where amount is null`,
);
operate("shop_count", { hasOutput: true, tags: ["main"] }).queries((ctx) => [
  `create or replace table ${ctx.self()} as
    select count(*) as orders from (select id from ${ctx.ref("orders_milan")} union all select id from ${ctx.ref("orders_rome")})`,
  `assert (select orders from ${ctx.self()}) >= 3 as 'orders of both shops'`,
]);
