import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { type DataformProject, makeProject } from "./dataform-cli.ts";
import { useServer } from "./support.ts";

/**
 * The real CLI runs the project of `dataform-project`, once as it is and again in a second stage, in which a day has
 * passed and some queries have other columns. The tests follow each other on one warehouse, as nights do.
 */
const server = useServer();
let project: DataformProject;

beforeAll(async () => {
  const { bigquery, dir } = server();
  project = await makeProject(dir);
  await bigquery.createDataset("raw", { location: "EU" });
  const schema = [
    { name: "visitor", type: "STRING" },
    { name: "day", type: "DATE" },
  ];
  const [visits] = await bigquery.dataset("raw").createTable("visits", { schema });
  await visits.insert([{ visitor: "v", day: "2026-01-01" }]);
});

/** The rows of a query as text, one line each: dates and NUMERIC have classes of their own. */
async function lines(query: string): Promise<string[]> {
  const [rows] = await server().bigquery.query(query);
  return rows.map((row) => Object.values(row).map(text).join(" "));
}

function text(value: unknown): string {
  if (typeof value === "object" && value !== null && "value" in value) return String(value.value);
  return Array.isArray(value) ? JSON.stringify(value) : String(value);
}

async function metadata(dataset: string, table: string) {
  const [resource] = await server().bigquery.dataset(dataset).table(table).getMetadata();
  return resource;
}

const columnsOf = (table: string) =>
  lines(
    `select column_name, data_type from marts.INFORMATION_SCHEMA.COLUMNS where table_name = '${table}' order by ordinal_position`,
  );

/** What the CLI prints of an action that did not go well. */
const TROUBLE = /failed:|error:|Skipping/;

const MAIN = ["run", "--tags", "main"];
const SECOND = ["--vars=stage=2"];

describe("the first run", () => {
  test("makes everything", async () => {
    const { code, output } = await project.dataform(...MAIN, "--job-labels=night=first");
    expect(output).not.toMatch(TROUBLE);
    expect(output).toContain("Table created:  marts.daily [table]");
    expect(output).toContain("Assertion passed:  checks.no_negative");
    expect(code).toBe(0);
  });

  test("tables, with partitions, clusters, options, labels and descriptions of nested fields", async () => {
    expect(await lines("select day, shop, orders, amount from marts.daily order by 1, 2")).toEqual([
      "2026-01-01 milan 1 10.5",
      "2026-01-02 milan 1 20",
      "2026-01-02 rome 1 0.5",
    ]);
    const daily = await metadata("marts", "daily");
    expect(daily).toMatchObject({
      type: "TABLE",
      location: "EU",
      description: "Sales per day and shop",
      friendlyName: "Daily sales",
      labels: { team: "crm" },
      timePartitioning: { type: "DAY", field: "day", expirationMs: String(36_500 * 86_400_000) },
      clustering: { fields: ["shop", "orders"] },
    });
    const fields = new Map(daily.schema.fields.map((f: { name: string }) => [f.name, f]));
    expect(fields.get("day")).toMatchObject({ type: "DATE", description: "The day of the order" });
    expect(fields.get("shop")).not.toHaveProperty("description");
    expect(fields.get("customers")).toEqual({
      ...{ name: "customers", type: "RECORD", mode: "REPEATED", description: "Who bought" },
      fields: [
        { name: "id", type: "INTEGER", mode: "NULLABLE", description: "The customer's number" },
        {
          ...{ name: "name", type: "STRING", mode: "NULLABLE", description: "A name" },
          policyTags: { names: ["projects/local/locations/eu/taxonomies/1/policyTags/2"] },
        },
      ],
    });
    expect(await metadata("marts", "filtered")).toMatchObject({
      description: "By month",
      labels: { kind: "log" },
      timePartitioning: { type: "MONTH", field: "ordered_at" },
      requirePartitionFilter: true,
    });
    await expect(lines("select count(*) from marts.filtered")).rejects.toThrow(/partition/);
  });

  test("views, materialized ones too", async () => {
    const orders = await metadata("staging", "stg_orders");
    expect(orders).toMatchObject({ type: "VIEW", description: "Orders, as they came" });
    expect(orders.schema.fields[0].description).toBe("The order");
    expect(orders.schema.fields[4]).toMatchObject({
      description: "Who bought",
      fields: [{ name: "id" }, { name: "name", description: "How they call themselves" }],
    });
    expect((await metadata("marts", "totals")).type).toBe("MATERIALIZED_VIEW");
    expect(await lines("select shop, amount from marts.totals order by shop")).toEqual([
      "milan 30.5",
      "rome 0.5",
    ]);
    expect(await lines("select visitor from staging.stg_visits")).toEqual(["v"]);
  });

  test("operations in parts, pre- and post-operations, actions made by JavaScript", async () => {
    expect(await lines("select what from marts.journal")).toEqual(["run"]);
    expect(await lines("select was_here from marts.daily_before")).toEqual(["1"]);
    expect(await lines("select last_day from marts.daily_summary")).toEqual(["2026-01-02"]);
    expect((await metadata("marts", "orders_rome")).friendlyName).toBe("Shop rome");
    expect(await lines("select orders from marts.shop_count")).toEqual(["3"]);
    expect((await metadata("marts", "once_table")).type).toBe("TABLE");
    expect((await metadata("marts", "once_view")).type).toBe("VIEW");
  });

  test("jobs carry the labels of the run and of the action", async () => {
    const [jobs] = await server().bigquery.getJobs({ projection: "full" });
    const daily = jobs.find(({ metadata }) =>
      /table `local.marts.daily` /.test(metadata.configuration.query?.query ?? ""),
    );
    expect(daily?.id).toMatch(/dataform-/);
    expect(daily?.metadata.configuration.labels).toMatchObject({ night: "first", team: "crm" });
  });
});

describe("the second run", () => {
  test("updates everything", async () => {
    const { code, output } = await project.dataform(...MAIN, ...SECOND);
    expect(output).not.toMatch(TROUBLE);
    expect(code).toBe(0);
  });

  test("incremental tables: insert, merge, merge within a filter, overwritten partitions", async () => {
    expect(await lines("select id, run from marts.inserted order by id")).toEqual([
      "1 first",
      "2 first",
      "3 first",
      "4 again",
    ]);
    expect(await lines("select id, day, run from marts.merged order by id")).toEqual([
      "1 2026-01-01 first",
      "2 2026-01-02 again",
      "3 2026-01-02 again",
      "4 2026-01-03 again",
    ]);
    expect((await metadata("marts", "merged")).schema.fields[3].description).toBe(
      "Which run wrote the row",
    );
    // Rows before the filter's day match nothing, so they are inserted again.
    expect(await lines("select id, run from marts.merged_recent order by id, run")).toEqual([
      "1 again",
      "1 first",
      "2 again",
      "3 again",
      "4 again",
    ]);
    // The partition of order 3 had order 2 as well; that of order 1 stays as it was.
    expect(await lines("select id, day, run from marts.overwritten order by id")).toEqual([
      "1 2026-01-01 first",
      "3 2026-01-02 again",
      "4 2026-01-03 again",
    ]);
  });

  test("changed columns are left out, or added; the CLI fills new ones in the next run", async () => {
    expect(await columnsOf("ignores")).toEqual(["id INT64", "s STRING"]);
    expect(await lines("select id, s from marts.ignores order by id")).toEqual(["1 a", "2 b"]);
    expect(await columnsOf("extends")).toEqual([
      "id INT64",
      "tags ARRAY<STRUCT<k STRING, v NUMERIC>>",
      "day DATE",
    ]);
    expect(await lines("select id, tags, day from marts.extends order by id")).toEqual([
      "1 [] null",
      "2 [] null",
    ]);
    expect(await lines("select id, s, extra from marts.extends_by_key")).toEqual(["1 b null"]);
    expect(await columnsOf("synchronizes")).toEqual(["id INT64", "big BIGNUMERIC", "bytes BYTES"]);
    expect(await lines("select id from marts.stays order by id")).toEqual(["1", "2"]);
  });

  test("a table becomes a view, a view becomes a table", async () => {
    expect((await metadata("marts", "once_table")).type).toBe("VIEW");
    expect((await metadata("marts", "once_view")).type).toBe("TABLE");
    expect(
      await lines("select * from marts.once_table union all select * from marts.once_view"),
    ).toEqual(["4", "4"]);
  });

  test("the views show the new day, and nothing is left of the procedures", async () => {
    expect(await lines("select shop, amount from marts.totals order by shop")).toEqual([
      "milan 30.5",
      "rome 4.5",
    ]);
    expect(await lines("select what from marts.journal")).toEqual(["run", "run"]);
    expect(await lines("select routine_name from marts.INFORMATION_SCHEMA.ROUTINES")).toEqual([]);
    expect(
      await lines(
        "select table_name from marts.INFORMATION_SCHEMA.TABLES where table_name like '%temp%'",
      ),
    ).toEqual([]);
  });
});

describe("what fails", () => {
  let output = "";
  beforeAll(async () => {
    const tags = ["--tags", "mismatch", "failing", "flaky"];
    const run = await project.dataform("run", ...tags, ...SECOND, "--action-retry-limit=2");
    output = run.output;
    expect(run.code).toBe(1);
  });

  /** The message of an action's failure. */
  const failed = (action: string) =>
    output.match(new RegExp(`failed:  ${action}\\b[\\s\\S]*?bigquery error: (.*)`))?.[1];

  test("a failing assertion has a name, and what depends on it is skipped", () => {
    expect(failed("checks.broken")).toBe("Assertion failed: query returned 4 row(s).");
    expect(output).toMatch(/Skipping dataset creation:\s+marts\.after_broken/);
  });

  test("changed columns, in the words of the project's choice", async () => {
    expect(failed("marts.fails_added")).toContain(
      `on_schema_change = 'FAIL'. Added columns: [("extra", "STRING")], removed columns: []`,
    );
    expect(failed("marts.fails_removed")).toContain(`Removed columns: ["s"]`);
    expect(failed("marts.keeps_key")).toContain(`Cannot drop columns ["id"]`);
    expect(failed("marts.retyped")).toContain(
      "type STRING which cannot be inserted into column id",
    );
    expect(await columnsOf("fails_added")).toEqual(["id INT64"]);
    expect(await columnsOf("keeps_key")).toEqual(["id INT64", "s STRING"]);
    expect(await lines("select id from marts.retyped")).toEqual(["1"]);
    // The CLI inserts the columns it knew before: those of the next run are the new ones.
    expect(failed("marts.drops")).toContain("Column s is not present in table");
    expect(await columnsOf("drops")).toEqual(["id INT64", "n INT64"]);
    expect(await lines("select routine_name from marts.INFORMATION_SCHEMA.ROUTINES")).toEqual([]);
  });

  test("a failed action is tried again as often as allowed", async () => {
    expect(output).toMatch(/Table created:\s+marts\.flaky/);
    expect(await lines("select attempts from marts.flaky")).toEqual(["3"]);
  });
});

test("a dry run finds wrong SQL with its place, and makes datasets at most", async () => {
  const { bigquery } = server();
  await bigquery.dataset("checks").delete({ force: true });
  const all = "select table_name, table_type, creation_time from marts.INFORMATION_SCHEMA.TABLES";
  const before = await lines(`${all} order by 1`);
  const { code, output } = await project.dataform("run", "--dry-run", "--tags", "main", "wrong");
  expect(code).toBe(1);
  expect(output).toMatch(
    /failed:\s+marts\.unknown_column[\s\S]*Unrecognized name: nope at \[\d+:3\]/,
  );
  expect(output.match(/failed:/g)).toHaveLength(1);
  expect(await lines(`${all} order by 1`)).toEqual(before);
  expect(await lines("select what from marts.journal")).toEqual(["run", "run"]);
  expect((await bigquery.dataset("checks").getTables())[0]).toEqual([]);
});

test("unit tests pass, fail with the difference, and are refused for incremental tables", async () => {
  const [passing, failing, refused] = await Promise.all([
    project.dataform("test"),
    project.dataform("test", "--vars=stage=failing test"),
    project.dataform("test", "--vars=stage=incremental test"),
  ]);
  expect(passing.output).toMatch(/daily_test: passed/);
  expect(passing.code).toBe(0);
  expect(failing.output).toMatch(/daily_test: passed/);
  expect(failing.output).toMatch(/wrong_amount: failed\s+For row 0 and column "amount"/);
  expect(failing.code).toBe(1);
  expect(refused.output).toContain("tests on incremental datasets is not yet supported");
  expect(refused.code).toBe(1);
});

test("selected actions with what they need, in datasets with a suffix", async () => {
  const { code } = await project.dataform(
    ...["run", "--actions", "orders_rome", "--include-deps", "--schema-suffix=night"],
  );
  expect(code).toBe(0);
  expect(await lines("select id, amount from marts_night.orders_rome")).toEqual(["3 0.5"]);
  expect(await lines("select table_name from marts_night.INFORMATION_SCHEMA.TABLES")).toEqual([
    "orders_rome",
  ]);
  expect(await lines("select count(*) from raw_night.orders")).toEqual(["3"]);
});

test("two runs at once: every write waits for the other's, and none is lost or done by half", async () => {
  const run = () => project.dataform("run", "--tags", "twice", ...SECOND);
  for (const { code, output } of await Promise.all([run(), run()])) {
    expect(output).not.toMatch(TROUBLE);
    expect(code).toBe(0);
  }
  for (const table of ["merged", "overwritten"]) {
    const rows = `select count(*), count(distinct id), string_agg(distinct run order by run) from marts.${table}`;
    expect(await lines(rows)).toEqual([table === "merged" ? "4 4 again,first" : "3 3 again,first"]);
  }
  expect(await lines("select count(*), sum(amount) from marts.daily")).toEqual(["4 35"]);
  expect((await metadata("marts", "daily")).labels).toEqual({ team: "crm" });
});

test("a full refresh makes incremental tables anew, except for protected ones", async () => {
  const { code, output } = await project.dataform(...MAIN, ...SECOND, "--full-refresh");
  expect(output).not.toMatch(TROUBLE);
  expect(code).toBe(0);
  expect(await lines("select distinct run from marts.inserted")).toEqual(["first"]);
  expect(await lines("select id, run from marts.overwritten order by id")).toHaveLength(4);
  expect(await columnsOf("ignores")).toEqual(["id INT64", "s STRING", "extra BOOL"]);
  expect(await lines("select run from marts.kept order by run")).toEqual(["1", "2", "2"]);
});

test("a run that is killed is finished by the next one", async () => {
  const { bigquery } = server();
  const slow = ["run", "--tags", "slow"];
  const { child, ended } = project.start(...slow);
  const numbers = bigquery.dataset("marts").table("numbers");
  while (child.exitCode === null && !(await numbers.exists())[0]) await pause(20);
  expect(child.kill("SIGKILL")).toBe(true);
  await ended;
  const { code, output } = await project.dataform(...slow);
  expect(output).not.toMatch(TROUBLE);
  expect(code).toBe(0);
  expect(await lines("select n, hashes from marts.hash_count")).toEqual(["300000 300000"]);
});
