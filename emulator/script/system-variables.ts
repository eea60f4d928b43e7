import { invalidQuery, refused } from "../errors.ts";
import type { Variable } from "../sql/catalog.ts";
import {
  arrayOf,
  duckdbType,
  INT64,
  quoteName,
  quoteText,
  type SqlType,
  STRING,
  structOf,
} from "../sql/types.ts";
import type { Failure, Machine, State } from "./machine.ts";

const STACK_TRACE = arrayOf(
  structOf([
    { name: "line", type: INT64 },
    { name: "column", type: INT64 },
    { name: "filename", type: STRING },
    { name: "location", type: STRING },
  ]),
);

/** `@@name`, lower case; undefined for what does not exist here, such as `@@error.message` outside a handler. */
export function systemVariable(name: string, machine: Machine): Variable | undefined {
  const { session, state, handled } = machine;
  if (name.startsWith("error.")) return handled && errorVariable(name, handled);
  switch (name) {
    case "row_count":
      return state.rowCount === undefined
        ? nothing(INT64)
        : constant(INT64, String(state.rowCount));
    case "project_id":
    case "dataset_project_id":
      return constant(STRING, quoteText(session.project));
    case "dataset_id":
      return text(state.datasetId);
    case "query_label":
      return text(state.queryLabel);
    case "time_zone":
      return text("UTC");
    case "script.bytes_processed":
    case "script.bytes_billed":
    case "script.slot_ms":
    case "script.num_child_jobs":
      return constant(INT64, "0");
    case "last_job_id":
    case "script.job_id":
    case "script.creation_time":
      throw refused(`@@${name}`);
    default:
      return undefined;
  }
}

function errorVariable(name: string, { error, statement }: Failure): Variable | undefined {
  const { line, column } = statement.place;
  switch (name) {
    case "error.message":
      return text(error.message);
    case "error.statement_text":
      return text(statement.text);
    case "error.formatted_stack_trace":
      return text(`At [${line}:${column}]\n`);
    case "error.stack_trace": {
      const fields = { line, column, filename: "NULL", location: "NULL" };
      const values = Object.entries(fields).map(([key, value]) => `${quoteName(key)} := ${value}`);
      return constant(STACK_TRACE, `[struct_pack(${values.join(", ")})]`);
    }
    default:
      return undefined;
  }
}

/** SET @@name = value. Throws for those that cannot be set. */
export function setSystemVariable(state: State, name: string, value: string | null): void {
  switch (name) {
    case "dataset_id":
      state.datasetId = value ?? undefined;
      return;
    case "query_label":
      state.queryLabel = value ?? "";
      return;
    case "time_zone":
      if (value === "UTC") return;
      throw refused("SET @@time_zone", undefined, "the time zone as an argument of the functions");
    default:
      throw invalidQuery(`Cannot assign to system variable @@${name}`);
  }
}

function constant(type: SqlType, sql: string): Variable {
  return { type, sql: `(${sql})::${duckdbType(type)}` };
}

function text(value: string | undefined): Variable {
  return value === undefined ? nothing(STRING) : constant(STRING, quoteText(value));
}

function nothing(type: SqlType): Variable {
  return constant(type, "NULL");
}
