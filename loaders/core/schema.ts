import type { TableField } from "@google-cloud/bigquery";
import { z } from "zod";

/** BigQuery's types that Filo's tables use. */
export type ColumnType =
  | "STRING"
  | "INT64"
  | "NUMERIC"
  | "FLOAT64"
  | "BOOL"
  | "DATE"
  | "TIMESTAMP"
  | "JSON";

const columnTypes = z.registry<{ type: ColumnType }>();

/**
 * The columns of a table are declared once, as a zod object made of these; the checks, the row's type and BigQuery's
 * schema all come from it. Amounts are decimal text and dates are ISO text until SQL.
 */
export const column = {
  string: () => z.string().register(columnTypes, { type: "STRING" }),
  int64: () => z.int().register(columnTypes, { type: "INT64" }),
  numeric: () =>
    z
      .string()
      .regex(/^-?\d{1,29}(\.\d{1,9})?$/)
      .register(columnTypes, { type: "NUMERIC" }),
  /** Only for what a vendor delivers as one: never for money that is to add up. */
  float64: () => z.number().register(columnTypes, { type: "FLOAT64" }),
  bool: () => z.boolean().register(columnTypes, { type: "BOOL" }),
  date: () => z.iso.date().register(columnTypes, { type: "DATE" }),
  timestamp: () => z.iso.datetime().register(columnTypes, { type: "TIMESTAMP" }),
  json: () => z.unknown().register(columnTypes, { type: "JSON" }),
};

export type Columns = z.ZodObject;

/** Name, BigQuery type and whether NULL is refused, in order of declaration. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly required: boolean;
}

/** @throws Error for a column that was not made with `column` */
export function columnsOf(columns: Columns): readonly Column[] {
  return Object.entries(columns.shape).map(([name, schema]) => {
    let inner: z.core.$ZodType = schema;
    let required = true;
    while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) {
      required = false;
      inner = inner.unwrap();
    }
    const type = columnTypes.get(inner)?.type;
    if (type === undefined) throw new Error(`column ${name} is not declared with column.*()`);
    return { name, type, required: required && type !== "JSON" };
  });
}

/** The columns as the BigQuery API states a table's schema. */
export function tableFields(columns: readonly Column[]): TableField[] {
  return columns.map(({ name, type, required }) => ({
    name,
    type,
    mode: required ? "REQUIRED" : "NULLABLE",
  }));
}
