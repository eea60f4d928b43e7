import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { failure, useServer } from "./support.ts";

const server = useServer();
const dataset = `d_${randomUUID().replaceAll("-", "")}`;

beforeAll(async () => {
  await server().bigquery.createDataset(dataset);
  await server().bigquery.query(`create table ${dataset}.t (id int64, tags array<string>)`);
});

test.each([
  "select [1, null] as a",
  "select struct([struct([cast(null as string)] as inner_list)] as list) as a",
  "select array_agg(x) as a from unnest(['a', null]) as x",
  `create table ${dataset}.made as select ['a', null] as a`,
  `insert into ${dataset}.t values (1, ['a', null])`,
  `insert into ${dataset}.t select 1, ['a', null]`,
])("an array with a NULL element is no result and goes into no table: %s", async (query) => {
  const { message } = await failure(server().bigquery.query(query));
  expect(message).toContain("Array cannot have a null element; error in writing field");
});

test("a query may compute with one", async () => {
  const [rows] = await server().bigquery.query(
    "select array_length([1, null]) as n, array_agg(x ignore nulls) as list from unnest(['a', null]) as x",
  );
  expect(rows).toEqual([{ n: 2, list: ["a"] }]);
});

test("the members of a JSON object are answered in order", async () => {
  const [rows] = await server().bigquery.query(
    `select json '{"b": 1, "a": {"d": 1, "c": [1.0, null]}}' as j`,
  );
  // The client hands JSON over as text.
  expect(rows).toEqual([{ j: '{"a":{"c":[1.0,null],"d":1},"b":1}' }]);
});
