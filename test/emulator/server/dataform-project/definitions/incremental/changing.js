const second = dataform.projectConfig.vars.stage === "2";

/** An incremental table whose query has other columns in the second stage. */
function changing(name, onSchemaChange, before, after, tags, config = {}) {
  publish(name, { type: "incremental", onSchemaChange, tags, ...config }).query(
    `select ${second ? after : before}`,
  );
}

const key = { uniqueKey: ["id"] };
const nested = "[struct('k' as k, cast(1 as numeric) as v)]";
changing("ignores", "IGNORE", "1 as id, 'a' as s", "2 as id, 'b' as s, true as extra", ["main"]);
changing("extends", "EXTEND", "1 as id", `2 as id, ${nested} as tags, date '2026-01-02' as day`, [
  "main",
]);
changing(
  "extends_by_key",
  "EXTEND",
  "1 as id, 'a' as s",
  "1 as id, 'b' as s, 2 as extra",
  ["main"],
  key,
);
changing(
  "synchronizes",
  "SYNCHRONIZE",
  "1 as id",
  "2 as id, cast(3 as bignumeric) as big, b'x' as bytes",
  ["main"],
);
changing("stays", "FAIL", "1 as id", "2 as id", ["main"]);

changing(
  "fails_added",
  "FAIL",
  "1 as id",
  "2 as id, 'x' as extra",
  second ? ["mismatch"] : ["main"],
);
changing(
  "fails_removed",
  "EXTEND",
  "1 as id, 'a' as s",
  "2 as id",
  second ? ["mismatch"] : ["main"],
);
changing(
  "drops",
  "SYNCHRONIZE",
  "1 as id, 'a' as s",
  "2 as id, 5 as n",
  second ? ["mismatch"] : ["main"],
);
changing(
  "keeps_key",
  "SYNCHRONIZE",
  "1 as id, 'a' as s",
  "'b' as s",
  second ? ["mismatch"] : ["main"],
  key,
);
changing("retyped", "EXTEND", "1 as id", "'two' as id", second ? ["mismatch"] : ["main"]);
