import type { Server } from "./server.ts";

/** What BigQuery has beyond the features that are on by default. */
const FEATURES =
  `ANALYTIC_FUNCTIONS TABLESAMPLE NUMERIC_TYPE BIGNUMERIC_TYPE JSON_TYPE JSON_ARRAY_FUNCTIONS
  JSON_VALUE_EXTRACTION_FUNCTIONS JSON_LAX_VALUE_EXTRACTION_FUNCTIONS JSON_CONSTRUCTOR_FUNCTIONS
  JSON_MUTATOR_FUNCTIONS INTERVAL_TYPE RANGE_TYPE PARAMETERIZED_TYPES NAMED_ARGUMENTS GROUP_BY_ROLLUP
  ROUND_WITH_ROUNDING_MODE CBRT_FUNCTIONS INVERSE_TRIG_FUNCTIONS TEMPLATE_FUNCTIONS TABLE_VALUED_FUNCTIONS
  CREATE_TABLE_FUNCTION FUNCTION_ARGUMENTS_WITH_DEFAULTS CREATE_TABLE_PARTITION_BY CREATE_TABLE_CLUSTER_BY
  CREATE_TABLE_NOT_NULL CREATE_TABLE_FIELD_ANNOTATIONS DML_UPDATE_WITH_JOIN V_1_3_COLLATION_SUPPORT
  CREATE_TABLE_AS_SELECT_COLUMN_LIST CREATE_TABLE_LIKE CREATE_TABLE_CLONE CREATE_TABLE_COPY CREATE_SNAPSHOT_TABLE
  CREATE_VIEW_WITH_COLUMN_LIST CREATE_VIEWS_WITH_COLUMN_OPTIONS CREATE_MATERIALIZED_VIEW_PARTITION_BY
  CREATE_MATERIALIZED_VIEW_CLUSTER_BY ALTER_COLUMN_SET_DATA_TYPE ALTER_TABLE_RENAME_COLUMN
  ALTER_VIEWS_ALTER_COLUMN_SET_OPTIONS UNENFORCED_PRIMARY_KEYS FOREIGN_KEYS NON_SQL_PROCEDURE
  CREATE_AGGREGATE_FUNCTION V_1_4_GROUPING_BUILTIN V_1_4_GROUPING_SETS V_1_4_LIKE_ANY_SOME_ALL_ARRAY V_1_4_LIKE_ANY_SOME_ALL_SUBQUERY
  GEOGRAPHY TIME_BUCKET_FUNCTIONS`.split(/\s+/);

/**
 * The language options with which the analyzer speaks BigQuery's dialect: types under their external names, its
 * features, and every kind of statement.
 */
export async function bigQueryLanguage(server: Server): Promise<object> {
  const all = (await server.call("GetLanguageOptions", {
    maximumFeatures: true,
    languageVersion: "VERSION_CURRENT",
  })) as { enabledLanguageFeatures: readonly string[] };
  const more = FEATURES.map((name) => `FEATURE_${name}`);
  return {
    ...all,
    productMode: "PRODUCT_EXTERNAL",
    enabledLanguageFeatures: [...new Set([...all.enabledLanguageFeatures, ...more])],
    supportedStatementKinds: [],
  };
}

const TEXT = "TYPE_STRING";
const NUMBER = "TYPE_INT64";

/** The `@@` variables of BigQuery. */
export const SYSTEM_VARIABLES = Object.entries({
  "error.formatted_stack_trace": TEXT,
  "error.message": TEXT,
  "error.stack_trace": "TYPE_STRING",
  "error.statement_text": TEXT,
  current_job_id: TEXT,
  dataset_id: TEXT,
  dataset_project_id: TEXT,
  last_job_id: TEXT,
  location: TEXT,
  project_id: TEXT,
  query_label: TEXT,
  row_count: NUMBER,
  "script.bytes_billed": NUMBER,
  "script.bytes_processed": NUMBER,
  "script.creation_time": "TYPE_TIMESTAMP",
  "script.job_id": TEXT,
  "script.num_child_jobs": NUMBER,
  "script.slot_ms": NUMBER,
  time_zone: TEXT,
}).map(([name, typeKind]) => ({ namePath: name.split("."), type: { typeKind } }));
