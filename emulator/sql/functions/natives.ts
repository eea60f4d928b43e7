import {
  BIGINT,
  type DuckDBConnection,
  DuckDBScalarFunction,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  VARCHAR,
} from "@duckdb/node-api";
import { formatTime, type TimeKind } from "./timeformat.ts";
import { parseTime } from "./timeparse.ts";

/** A function that DuckDB calls in JavaScript, on the event loop: about a million rows a second, one at a time. */
export interface Native {
  readonly name: string;
  readonly args: readonly DuckDBType[];
  readonly returns: DuckDBType;
  /** NULL arguments give NULL without a call. What it throws is the query's error. */
  readonly call: (...args: never[]) => DuckDBValue;
}

const natives: readonly Native[] = [
  {
    name: "bq_raise",
    args: [VARCHAR],
    returns: VARCHAR,
    call: (message: string) => {
      throw new Error(message);
    },
  },
  {
    name: "bq_format_time",
    args: [VARCHAR, VARCHAR, BIGINT, INTEGER],
    returns: VARCHAR,
    call: (format: string, kind: TimeKind, local: bigint, offset: number) =>
      formatTime(format, kind, { local, offset }),
  },
  {
    name: "bq_parse_time",
    args: [VARCHAR, VARCHAR, VARCHAR],
    returns: BIGINT,
    call: (format: string, kind: TimeKind, text: string) => parseTime(format, kind, text),
  },
];

/** Makes the functions that SQL of this folder calls known to a connection's database; needed once per database. */
export function registerNatives(connection: DuckDBConnection): void {
  for (const native of natives) connection.registerScalarFunction(scalarFunction(native));
}

function scalarFunction({ name, args, returns, call }: Native): DuckDBScalarFunction {
  const invoke = call as (...values: DuckDBValue[]) => DuckDBValue;
  return DuckDBScalarFunction.create({
    name,
    parameterTypes: args,
    returnType: returns,
    mainFunction: (_info, input, output) => {
      const columns = args.map((_, i) => input.getColumnVector(i));
      for (let row = 0; row < input.rowCount; row++) {
        const values = columns.map((column) => column.getItem(row));
        output.setItem(row, values.includes(null) ? null : invoke(...values));
      }
      output.flush();
    },
  });
}
