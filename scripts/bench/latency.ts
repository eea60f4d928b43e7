import type { BigQuery } from "@google-cloud/bigquery";
import type { Figure } from "./figures.ts";
import { interleave, ratios, spread, timed } from "./pairs.ts";

const QUESTIONS = 200;
const MAY_TAKE_MS = 10;
const MAY_TAKE_BESIDE_JAVASCRIPT_MS = 50;
const AT_ONCE = 16;

/** Two seconds of JavaScript, row by row. */
const LONG_JAVASCRIPT = `
  create temp function spin(x int64) returns int64 language js as r"""
    const end = Date.now() + 2;
    while (Date.now() < end) {}
    return x;
  """;
  select sum(spin(x)) as total from unnest(generate_array(1, 1000)) as x`;

/** One of a page's questions: a scan of the orders with a join and some groups. */
const QUESTION = `
  select orders.sales_channel, lines.product_id, count(*) as orders, sum(lines.quantity) as quantity
  from marts.fct_orders as orders
  inner join marts.fct_order_lines as lines on lines.order_id = orders.order_id
  group by orders.sales_channel, lines.product_id
  order by quantity desc
  limit 20`;

export async function measureLatency(
  bigquery: BigQuery,
  rounds: number,
): Promise<readonly Figure[]> {
  const ask = () => timed(() => bigquery.query("select 1 as one"));
  for (let i = 0; i < 20; i++) await ask();
  const alone: number[] = [];
  for (let i = 0; i < QUESTIONS; i++) alone.push(await ask());
  return [
    {
      ...{ name: `select 1, ${QUESTIONS} times`, spread: spread(alone), unit: "ms" },
      limit: MAY_TAKE_MS,
    },
    await besideJavaScript(bigquery, ask),
    await manyAtOnce(bigquery, rounds),
  ];
}

async function besideJavaScript(bigquery: BigQuery, ask: () => Promise<number>): Promise<Figure> {
  let running = true;
  const times: number[] = [];
  const ended = bigquery.query(LONG_JAVASCRIPT).finally(() => {
    running = false;
  });
  const asked = (async () => {
    while (running) times.push(await ask());
  })();
  await Promise.all([ended, asked]);
  return {
    name: `select 1 while a JavaScript function runs, ${times.length} times`,
    spread: spread(times),
    unit: "ms",
    limit: MAY_TAKE_BESIDE_JAVASCRIPT_MS,
  };
}

async function manyAtOnce(bigquery: BigQuery, rounds: number): Promise<Figure> {
  const ask = () => bigquery.query(QUESTION);
  const times = await interleave(rounds, {
    together: () => timed(() => Promise.all(Array.from({ length: AT_ONCE }, ask))),
    inTurn: () =>
      timed(async () => {
        for (let i = 0; i < AT_ONCE; i++) await ask();
      }),
  });
  return {
    name: `${AT_ONCE} queries at once ÷ one after the other`,
    spread: spread(ratios(times.together, times.inTurn)),
    unit: "×",
    note: `${spread(times.together).median.toFixed(0)} ms ÷ ${spread(times.inTurn).median.toFixed(0)} ms`,
  };
}
