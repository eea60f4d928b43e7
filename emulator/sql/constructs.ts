/** A line of the list of what is supported. */
interface Line {
  readonly name: string;
  readonly signature: string;
}

function lines(
  ...entries: readonly (readonly [name: string, signature: string])[]
): readonly Line[] {
  return entries.map(([name, signature]) => ({ name, signature }));
}

/** Query and expression syntax. What is in no line here is refused by name. */
export const CONSTRUCTS = lines(
  ["SELECT", "SELECT [DISTINCT] [AS STRUCT | AS VALUE] …, *, t.* [EXCEPT (…)] [REPLACE (…)]"],
  ["FROM", "tables, views, subqueries, comma joins, parentheses"],
  ["JOIN", "[INNER], LEFT, RIGHT, FULL, CROSS; ON, USING"],
  [
    "UNNEST",
    "UNNEST(array) [AS x] [WITH OFFSET [AS o]], t.array; also correlated and behind LEFT JOIN",
  ],
  [
    "RANGE_SESSIONIZE",
    "RANGE_SESSIONIZE(TABLE t | (subquery), 'range column', ['partitioning column', …][, 'MEETS' | 'OVERLAPS'])",
  ],
  [
    "PIVOT, UNPIVOT",
    "PIVOT(aggregate, … FOR x IN (…)), UNPIVOT [INCLUDE NULLS] (value FOR name IN (…)), ((v, w) FOR name IN ((a, b) AS label, …))",
  ],
  ["WHERE, HAVING, QUALIFY", "conditions on rows, groups and window functions"],
  ["GROUP BY", "expressions, aliases, positions, ALL, ROLLUP, CUBE, GROUPING SETS"],
  ["ORDER BY, LIMIT, OFFSET", "ASC, DESC, NULLS FIRST, NULLS LAST"],
  ["WINDOW", "OVER (PARTITION BY … ORDER BY … ROWS | RANGE …), named windows"],
  ["WITH", "WITH [RECURSIVE] name AS (…); recursion as base UNION [ALL | DISTINCT] step"],
  [
    "Pipe syntax",
    "FROM t |> WHERE, SELECT, EXTEND, SET, DROP, RENAME, AS, DISTINCT, AGGREGATE … GROUP BY, ORDER BY, LIMIT, JOIN, set operations, PIVOT, UNPIVOT",
  ],
  ["Table functions", "f(value, TABLE t, (subquery)) in FROM"],
  ["Table wildcards", "`d.events_*` with _TABLE_SUFFIX"],
  [
    "Partitions",
    "_PARTITIONTIME, _PARTITIONDATE of tables partitioned by ingestion time; require_partition_filter",
  ],
  [
    "INFORMATION_SCHEMA",
    "SCHEMATA, TABLES, COLUMNS, COLUMN_FIELD_PATHS, TABLE_OPTIONS, PARTITIONS, VIEWS, ROUTINES",
  ],
  [
    "Set operations",
    "UNION ALL, UNION DISTINCT, INTERSECT DISTINCT, EXCEPT DISTINCT; [FULL | LEFT | INNER] … BY NAME [ON (…)], [STRICT] CORRESPONDING",
  ],
  ["Subqueries", "scalar, ARRAY(…), EXISTS(…), IN (…); correlated"],
  ["Operators", "+ - * / || << >> & | ^ ~ = != <> < <= > >= AND OR NOT"],
  [
    "Comparisons",
    "BETWEEN, IN (…), IN UNNEST(…), LIKE, LIKE ANY | ALL (…), IS [NOT] NULL | TRUE | FALSE | DISTINCT FROM",
  ],
  ["Conditionals", "CASE, IF, COALESCE, IFNULL, NULLIF"],
  ["Conversions", "CAST, SAFE_CAST, implicit coercion of literals and parameters"],
  ["Constructors", "STRUCT(…), STRUCT<…>(…), (a, b), […], ARRAY<…>[…]"],
  [
    "Access",
    "fields a.b.c; array[OFFSET | ORDINAL | SAFE_OFFSET | SAFE_ORDINAL (n)], array[n]; json.key, json['key'], json[n]",
  ],
  ["EXTRACT", "EXTRACT(part FROM value [AT TIME ZONE zone])"],
  ["INTERVAL", "INTERVAL n part, INTERVAL 'text' part TO part; arithmetic with dates and times"],
  [
    "Literals",
    "NULL, numbers, 0x…, strings and bytes in every form, DATE, TIME, DATETIME, TIMESTAMP, NUMERIC, BIGNUMERIC, JSON, RANGE<T>",
  ],
  ["Parameters and variables", "@name, ?, @@system_variable, script variables"],
  ["SAFE.", "SAFE.function(…): errors become NULL"],
  ["User functions", "SQL and JavaScript functions"],
);

/** Statements, besides queries. */
export const STATEMENTS = lines(
  [
    "CREATE TABLE",
    "CREATE [OR REPLACE] [TEMP] TABLE [IF NOT EXISTS] t (c T [DEFAULT e] [NOT NULL] [OPTIONS(…)], …, keys NOT ENFORCED) [PARTITION BY …] [CLUSTER BY …] [OPTIONS(…)] [AS query]",
  ],
  [
    "CREATE TABLE LIKE, COPY, CLONE",
    "CREATE TABLE t LIKE | COPY | CLONE u; CREATE SNAPSHOT TABLE t CLONE u",
  ],
  [
    "CREATE VIEW",
    "CREATE [OR REPLACE] [MATERIALIZED] VIEW [IF NOT EXISTS] v [(c, …)] [OPTIONS(…)] AS query",
  ],
  ["CREATE SCHEMA", "CREATE SCHEMA [IF NOT EXISTS] d [OPTIONS(…)]"],
  [
    "CREATE FUNCTION",
    "CREATE [OR REPLACE] [TEMP] FUNCTION f(x T | ANY TYPE) [RETURNS T] AS (e) | LANGUAGE js AS '…'",
  ],
  [
    "CREATE TABLE FUNCTION",
    "CREATE [OR REPLACE] TABLE FUNCTION f(x T | ANY TYPE | TABLE<…>) [RETURNS TABLE<…>] AS query",
  ],
  [
    "CREATE PROCEDURE",
    "CREATE [OR REPLACE] PROCEDURE p([IN | OUT | INOUT] x T, …) [OPTIONS(…)] BEGIN … END",
  ],
  [
    "ALTER TABLE",
    "ADD COLUMN, DROP COLUMN, RENAME COLUMN, RENAME TO, SET OPTIONS, ALTER COLUMN SET DATA TYPE | SET DEFAULT | DROP DEFAULT | DROP NOT NULL | SET OPTIONS, ADD and DROP of keys (not kept)",
  ],
  ["ALTER VIEW, ALTER SCHEMA", "ALTER [MATERIALIZED] VIEW | SCHEMA … SET OPTIONS(…)"],
  [
    "DROP",
    "TABLE, SNAPSHOT TABLE, VIEW, MATERIALIZED VIEW, SCHEMA [CASCADE], FUNCTION, TABLE FUNCTION, PROCEDURE [IF EXISTS]",
  ],
  ["INSERT", "INSERT [INTO] t [(c, …)] VALUES (e | DEFAULT, …), … | query"],
  ["UPDATE", "UPDATE t SET c = e | DEFAULT, s.field = e, … [FROM …] WHERE …"],
  ["DELETE, TRUNCATE TABLE", "DELETE [FROM] t WHERE …; TRUNCATE TABLE t"],
  [
    "MERGE",
    "MERGE [INTO] t USING … ON … WHEN [NOT] MATCHED [BY TARGET | BY SOURCE] [AND …] THEN INSERT | INSERT ROW | UPDATE | DELETE",
  ],
  ["GRANT, REVOKE", "read, without effect"],
);

/** The procedural language. */
export const SCRIPTING = lines(
  ["DECLARE, SET", "DECLARE a, b T [DEFAULT e]; SET a = e; SET (a, b) = (e, e)"],
  ["BEGIN … END", "blocks with variables of their own"],
  ["IF, CASE", "IF … THEN … ELSEIF … ELSE … END IF; CASE … END CASE"],
  ["LOOP, WHILE, REPEAT, FOR", "LOOP, WHILE … DO, REPEAT … UNTIL, FOR r IN (query) DO"],
  ["BREAK, CONTINUE, labels", "BREAK, LEAVE, CONTINUE, ITERATE [label]"],
  ["CALL, RETURN", "CALL p(e, variable); RETURN"],
  ["EXECUTE IMMEDIATE", "EXECUTE IMMEDIATE e [INTO a, …] [USING e [AS name], …]"],
  [
    "EXCEPTION, RAISE",
    "BEGIN … EXCEPTION WHEN ERROR THEN … END; RAISE [USING MESSAGE = e]; @@error.*",
  ],
  ["ASSERT", "ASSERT condition [AS 'text']"],
  ["BEGIN TRANSACTION, COMMIT, ROLLBACK", "of DML and of temporary tables"],
  ["Temporary objects", "CREATE TEMP TABLE, CREATE TEMP FUNCTION, _SESSION.t"],
  [
    "System variables",
    "@@row_count, @@error.*, @@project_id, @@dataset_id, @@time_zone, @@query_label, @@script.*",
  ],
);
