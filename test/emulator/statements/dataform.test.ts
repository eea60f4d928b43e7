import { describe, expect, it } from "vitest";
import { testWarehouse } from "../script/warehouse.ts";

/** The statements that the Dataform CLI makes of actions, in its layout. */
const { run, rows } = testWarehouse();

describe("tables and views", () => {
  it("creates and replaces them", async () => {
    for (let i = 0; i < 2; i++) {
      await run(
        "create or replace table `shop.d.orders` partition by day cluster by id OPTIONS(partition_expiration_days=400,require_partition_filter=false)as \n\nselect 1 as id, date '2026-01-01' as day",
      );
      await run("create or replace view `shop.d.orders_view` as select * from `shop.d.orders`");
    }
    expect(await rows("select id from `shop.d.orders_view`")).toEqual([[1]]);
  });

  it("drops what has the other type first", async () => {
    await run("create or replace view `shop.d.kind` as select 1 as a");
    await run(
      "drop view if exists `shop.d.kind`;\ncreate or replace table `shop.d.kind` as select 1 as a",
    );
    await run(
      "drop table if exists `shop.d.kind`;\ncreate or replace view `shop.d.kind` as select 2 as a",
    );
    expect(await rows("select * from `shop.d.kind`")).toEqual([[2]]);
  });

  it("makes materialized views again and again", async () => {
    for (let i = 0; i < 2; i++) {
      await run(
        "drop table if exists `shop.d.mv`;\ncreate or replace materialized view `shop.d.mv` as select 1 as a",
      );
    }
    expect(await rows("select a from `shop.d.mv`")).toEqual([[1]]);
  });

  it("runs pre-operations, table and post-operations as one script", async () => {
    await run(
      "declare n int64 default 3;\n;\n\ncreate or replace table `shop.d.with_pre` as select n as a\n;\n\ngrant `roles/viewer` on table `shop.d.with_pre` to 'user:a@example.com'".replace(
        ";\n;",
        ";",
      ),
    );
    expect(await rows("select a from `shop.d.with_pre`")).toEqual([[3]]);
  });
});

describe("incremental tables", () => {
  it("inserts", async () => {
    await run("create or replace table `shop.d.inc` as select 1 as id, 'a' as s");
    await run(
      "\ninsert into `shop.d.inc`\t\n(`id`,`s`)\t\nselect `id`,`s`\t\nfrom (select 'b' as s, 2 as id) as insertions\n",
    );
    expect(await rows("select id, s from d.inc order by id")).toEqual([
      [1, "a"],
      [2, "b"],
    ]);
  });

  it("merges by a key", async () => {
    await run(
      "create or replace table `shop.d.keyed` as select 1 as id, 'a' as s, date '2026-01-01' as day",
    );
    await run(
      "\nmerge `shop.d.keyed` DATAFORM_DEST\nusing (select * from (select 1 as id, 'A' as s, date '2026-01-02' as day union all select 2, 'b', date '2026-01-03') as subquery\n  where id > 0\n) DATAFORM_SOURCE\non DATAFORM_DEST.id = DATAFORM_SOURCE.id and DATAFORM_DEST.day >= '2025-12-01'\nwhen matched then\n  update set `id` = DATAFORM_SOURCE.id,`s` = DATAFORM_SOURCE.s,`day` = DATAFORM_SOURCE.day\nwhen not matched then\n  insert (`id`,`s`,`day`) values (`id`,`s`,`day`)\n",
    );
    expect(await rows("select id, s, day from d.keyed order by id")).toEqual([
      [1, "A", "2026-01-02"],
      [2, "b", "2026-01-03"],
    ]);
  });

  it("overwrites partitions", async () => {
    await run(
      "create or replace table `shop.d.parts` partition by day as select 1 as id, date '2026-01-01' as day union all select 2, date '2026-01-02'",
    );
    await run(`
CREATE OR REPLACE TEMP TABLE \`staging_table_temp_1a\` AS (select 9 as id, date '2026-01-02' as day);
BEGIN
  DECLARE partitions_for_replacement DEFAULT (
    ARRAY(SELECT DISTINCT day FROM \`staging_table_temp_1a\` WHERE day IS NOT NULL));
  MERGE \`shop.d.parts\` DATAFORM_DEST USING \`staging_table_temp_1a\` DATAFORM_SOURCE
  ON FALSE
  WHEN NOT MATCHED BY SOURCE AND day IN UNNEST(partitions_for_replacement) THEN DELETE
  WHEN NOT MATCHED BY TARGET THEN INSERT (\`id\`,\`day\`) VALUES (\`id\`,\`day\`);
END;
DROP TABLE IF EXISTS \`staging_table_temp_1a\`;`);
    expect(await rows("select id, day from d.parts order by day")).toEqual([
      [1, "2026-01-01"],
      [9, "2026-01-02"],
    ]);
  });
});

/** What onSchemaChange puts before the insert: a procedure that compares the columns and changes the table. */
function onSchemaChange(query: string, change: string): string {
  return `
CREATE OR REPLACE PROCEDURE \`shop.d.df_osc_1\`()
OPTIONS(strict_mode=false)
BEGIN
  CREATE OR REPLACE TABLE \`shop.d.osc_df_temp_1_empty\` AS (SELECT * FROM (${query}) AS insertions LIMIT 0);
  DECLARE dataform_columns ARRAY<STRING>;
  DECLARE temp_table_columns ARRAY<STRUCT<column_name STRING, data_type STRING>>;
  DECLARE columns_added ARRAY<STRUCT<column_name STRING, data_type STRING>>;
  DECLARE columns_removed ARRAY<STRING>;
  SET dataform_columns = (SELECT IFNULL(ARRAY_AGG(DISTINCT column_name), [])
    FROM \`shop.d.INFORMATION_SCHEMA.COLUMNS\` WHERE table_name = 'osc');
  SET temp_table_columns = (SELECT IFNULL(ARRAY_AGG(STRUCT(column_name, data_type)), [])
    FROM \`shop.d.INFORMATION_SCHEMA.COLUMNS\` WHERE table_name = 'osc_df_temp_1_empty');
  SET columns_added = (SELECT IFNULL(ARRAY_AGG(column_info), [])
    FROM UNNEST(temp_table_columns) AS column_info
    WHERE column_info.column_name NOT IN UNNEST(dataform_columns));
  SET columns_removed = (SELECT IFNULL(ARRAY_AGG(column_name), [])
    FROM UNNEST(dataform_columns) AS column_name
    WHERE column_name NOT IN (SELECT col.column_name FROM UNNEST(temp_table_columns) AS col));
  ${change}
  DROP TABLE IF EXISTS \`shop.d.osc_df_temp_1_empty\`;
END;
BEGIN
  CALL \`shop.d.df_osc_1\`();
EXCEPTION WHEN ERROR THEN
  DROP TABLE IF EXISTS \`shop.d.osc_df_temp_1_empty\`;
  DROP PROCEDURE IF EXISTS \`shop.d.df_osc_1\`;
  RAISE;
END;
DROP PROCEDURE IF EXISTS \`shop.d.df_osc_1\`;`;
}

const FAIL = `IF ARRAY_LENGTH(columns_added) > 0 OR ARRAY_LENGTH(columns_removed) > 0 THEN
    RAISE USING MESSAGE = FORMAT("Schema mismatch: added %T, removed %T", columns_added, columns_removed);
  END IF;`;
const SYNCHRONIZE = `IF ARRAY_LENGTH(columns_removed) > 0 THEN
    EXECUTE IMMEDIATE ("ALTER TABLE \`shop.d.osc\` " ||
      (SELECT STRING_AGG(FORMAT("DROP COLUMN IF EXISTS %s", col), ", ") FROM UNNEST(columns_removed) AS col));
  END IF;
  IF ARRAY_LENGTH(columns_added) > 0 THEN
    EXECUTE IMMEDIATE ("ALTER TABLE \`shop.d.osc\` " ||
      (SELECT STRING_AGG(FORMAT("ADD COLUMN IF NOT EXISTS %s %s", col.column_name, col.data_type), ", ") FROM UNNEST(columns_added) AS col));
  END IF;`;

describe("onSchemaChange", () => {
  const prepare = () => run("create or replace table `shop.d.osc` as select 1 as id, 'a' as old");

  it("fails with the difference, and leaves nothing behind", async () => {
    await prepare();
    await expect(run(onSchemaChange("select 1 as id, 2 as extra", FAIL))).rejects.toThrow(
      /Schema mismatch: added \[.*"extra".*\], removed \["old"\]/,
    );
    expect(
      await rows("select table_name from d.INFORMATION_SCHEMA.TABLES where table_name like 'osc%'"),
    ).toEqual([["osc"]]);
    expect(await rows("select routine_name from d.INFORMATION_SCHEMA.ROUTINES")).toEqual([]);
  });

  it("adds and drops columns, of any type", async () => {
    await prepare();
    const query = "select 2 as id, [struct('k' as k, 1 as v)] as tags, cast(3 as numeric) as n";
    await run(
      `${onSchemaChange(query, SYNCHRONIZE)}\n\ninsert into \`shop.d.osc\`\t\n(\`id\`,\`tags\`,\`n\`)\t\nselect \`id\`,\`tags\`,\`n\`\t\nfrom (${query}) as insertions`,
    );
    expect(
      await rows(
        "select column_name, data_type from d.INFORMATION_SCHEMA.COLUMNS where table_name = 'osc' order by ordinal_position",
      ),
    ).toEqual([
      ["id", "INT64"],
      ["tags", "ARRAY<STRUCT<k STRING, v INT64>>"],
      ["n", "NUMERIC"],
    ]);
    expect(await rows("select id, array_length(tags), n from d.osc order by id")).toEqual([
      [1, 0, null],
      [2, 1, "3.000000000"],
    ]);
  });
});

describe("assertions", () => {
  it("makes the view and counts its rows", async () => {
    await run("create or replace table `shop.d.keys` as select 1 as k union all select 1");
    await run(
      "create or replace view `shop.d.keys_unique` as \nSELECT\n  *\nFROM (\n  SELECT\n    k,\n    COUNT(1) AS index_row_count\n  FROM `shop.d.keys`\n  GROUP BY k\n  ) AS data\nWHERE index_row_count > 1",
    );
    await run(
      "create or replace view `shop.d.keys_rows` as \nSELECT\n  'k > 1' AS failing_row_condition,\n  *\nFROM `shop.d.keys`\nWHERE NOT (k > 1)",
    );
    expect(await rows("select sum(1) as row_count from `shop.d.keys_unique`")).toEqual([[1]]);
    expect(await rows("select sum(1) as row_count from `shop.d.keys_rows`")).toEqual([[2]]);
  });
});
