import { execFile } from "node:child_process";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { useServer } from "./support.ts";

const server = useServer();
const require = createRequire(import.meta.url);
let project = "";

const FILES: Readonly<Record<string, string>> = {
  "dataform.json": JSON.stringify({
    warehouse: "bigquery",
    defaultDatabase: "local",
    defaultSchema: "df_marts",
    assertionSchema: "df_assertions",
    defaultLocation: "EU",
  }),
  "package.json": "{}",
  ".df-credentials.json": JSON.stringify({ projectId: "local", location: "EU" }),
  "definitions/orders.sqlx": `config { type: "operations", hasOutput: true, schema: "df_raw", name: "orders" }
    create or replace table \${self()} (id int64 not null, day date, amount numeric)
    ---
    insert into \${self()} values (1, date '2026-01-01', 10.5), (2, date '2026-01-02', 20), (3, date '2026-01-02', 0.5)`,
  "definitions/stg_orders.sqlx": `config { type: "view", schema: "df_staging", description: "Orders, typed", columns: { id: "The order" } }
    select id, day, amount from \${ref("df_raw", "orders")}`,
  "definitions/daily.sqlx": `config {
      type: "table", description: "Sales per day", columns: { day: "The day of the order" },
      bigquery: { partitionBy: "day", clusterBy: ["orders"], labels: { team: "crm" } },
      assertions: { uniqueKey: ["day"], nonNull: ["orders"], rowConditions: ["amount > 0"] }
    }
    pre_operations { declare least numeric default 0; set least = least + 1; }
    select day, count(*) as orders, sum(amount) as amount from \${ref("stg_orders")} group by day`,
  "definitions/seen.sqlx": `config { type: "incremental", uniqueKey: ["id"] }
    select id, \${when(incremental(), "'again'", "'first'")} as run from \${ref("stg_orders")}
    \${when(incremental(), "where id >= 3")}`,
  "definitions/no_negative.sqlx": `config { type: "assertion" }
    select * from \${ref("daily")} where amount < 0`,
  "definitions/fails.sqlx": `config { type: "assertion", tags: ["failing"] }
    select * from \${ref("daily")}`,
  "definitions/daily_test.sqlx": `config { type: "test", dataset: "daily" }
    input "stg_orders" {
      select 1 as id, date '2026-01-01' as day, numeric '2.5' as amount
      union all select 2, date '2026-01-01', numeric '1'
    }
    select date '2026-01-01' as day, 2 as orders, numeric '3.5' as amount`,
};

beforeAll(async () => {
  project = join(server().dir, "project");
  await mkdir(join(project, "definitions"), { recursive: true });
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(project, name), text);
  // The compiler runs project code in a box that only sees the project's own packages.
  const core = dirname(require.resolve("@dataform/core/package.json"));
  await cp(core, join(project, "node_modules/@dataform/core"), { recursive: true });
});

function dataform(...args: string[]): Promise<{ code: number; output: string }> {
  const cli = join(dirname(require.resolve("@dataform/cli/package.json")), "bundle.js");
  // An empty home: no credentials of the machine can help.
  const env = { ...process.env, HOME: server().dir };
  return new Promise((done) => {
    execFile(process.execPath, [cli, ...args], { cwd: project, env }, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr }),
    );
  });
}

test("the unmodified CLI runs, tests and reruns a project", async () => {
  const { bigquery } = server();
  const passing = [
    "--actions",
    "orders",
    "stg_orders",
    "daily",
    "seen",
    "no_negative",
    "--include-deps",
  ];
  const first = await dataform("run", ...passing);
  expect(first.output).not.toMatch(/fail|error/i);
  expect(first.code).toBe(0);
  const [daily] = await bigquery.query("select * from df_marts.daily order by day");
  expect(daily.map((row) => [row.day.value, row.orders, row.amount.toString()])).toEqual([
    ["2026-01-01", 1, "10.5"],
    ["2026-01-02", 2, "20.5"],
  ]);
  const [metadata] = await bigquery.dataset("df_marts").table("daily").getMetadata();
  expect(metadata).toMatchObject({
    description: "Sales per day",
    labels: { team: "crm" },
    timePartitioning: { field: "day" },
    clustering: { fields: ["orders"] },
  });
  expect(metadata.schema.fields[0]).toMatchObject({
    name: "day",
    description: "The day of the order",
  });

  const second = await dataform("run", ...passing);
  expect(second.code).toBe(0);
  const [seen] = await bigquery.query("select id, run from df_marts.seen order by id");
  expect(seen).toEqual([
    { id: 1, run: "first" },
    { id: 2, run: "first" },
    { id: 3, run: "again" },
  ]);

  const tested = await dataform("test");
  expect(tested.output).toContain("passed");
  expect(tested.code).toBe(0);

  const dry = await dataform("run", "--dry-run");
  expect(dry.code).toBe(0);
});

test("a failing assertion fails the run, and says which", async () => {
  const { code, output } = await dataform("run", "--tags", "failing");
  expect(code).not.toBe(0);
  expect(output).toContain("df_assertions.fails");
});
