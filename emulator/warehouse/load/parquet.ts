import { BigQueryError, refused } from "../../errors.ts";
import {
  type Column,
  duckdbType,
  formatType,
  quoteName,
  quoteText,
  type ScalarKind,
  type SqlType,
} from "../../sql/types.ts";
import type { Session } from "../session.ts";
import { type Check, problemSql, requiredChecks, type Source, valueName } from "./source.ts";

/** A node of a Parquet schema: a leaf has a physical type, a group has children. */
interface Node {
  readonly name: string;
  readonly physical: string | undefined;
  readonly repeated: boolean;
  readonly converted: string;
  readonly logical: string;
  readonly scale: number;
  readonly precision: number;
  readonly children: readonly Node[];
}

/**
 * The columns of a Parquet file as BigQuery reads them.
 * @param listInference `parquetOptions.enableListInference`: a LIST is an ARRAY. Without it BigQuery makes records of a
 * LIST's inner groups, which is refused here
 * @throws `invalid` for a file that is none, or a refusal by name of a type
 */
export async function parquetColumns(
  session: Session,
  file: string,
  listInference: boolean,
): Promise<readonly Column[]> {
  const rows = await session
    .rows(
      `SELECT name, type, repetition_type, num_children, converted_type, logical_type, scale, precision FROM parquet_schema(${quoteText(file)})`,
    )
    .catch((cause) => {
      throw new BigQueryError(
        "invalid",
        "Error while reading data, error message: Input file is not in Parquet format.",
        { cause },
      );
    });
  const root = tree(rows.values());
  return (root?.children ?? []).map((node) => ({
    name: node.name,
    type: typeOf(node, listInference),
  }));
}

/** The rows list the tree from its root on, each group before its children. */
function tree(rows: Iterator<readonly unknown[]>): Node | undefined {
  const { value: row } = rows.next();
  if (!row) return undefined;
  const [name, physical, repetition, count, converted, logical, scale, precision] = row;
  const children = Array.from({ length: Number(count ?? 0) }, () => tree(rows));
  return {
    name: String(name),
    physical: physical === null ? undefined : String(physical),
    repeated: repetition === "REPEATED",
    converted: String(converted ?? ""),
    logical: String(logical ?? ""),
    scale: Number(scale ?? 0),
    precision: Number(precision ?? 0),
    children: children.filter((child) => child !== undefined),
  };
}

function typeOf(node: Node, listInference: boolean): SqlType {
  const element = elementOf(node, listInference);
  if (!node.repeated) return element;
  return { kind: "ARRAY", element };
}

function elementOf(node: Node, listInference: boolean): SqlType {
  if (node.physical !== undefined) return { kind: scalarOf(node) };
  if (node.converted === "MAP" || node.logical.startsWith("Map")) {
    throw refused(`a Parquet MAP (column ${node.name})`);
  }
  if (node.converted === "LIST" || node.logical.startsWith("List")) {
    if (!listInference) {
      throw refused(
        `a Parquet LIST (column ${node.name}) without list inference`,
        undefined,
        "parquetOptions.enableListInference",
      );
    }
    const [repeated] = node.children;
    const [inner] = repeated?.children ?? [];
    if (!inner || repeated?.children.length !== 1 || inner.repeated) {
      throw refused(`a Parquet LIST of an old form (column ${node.name})`);
    }
    return { kind: "ARRAY", element: typeOf(inner, listInference) };
  }
  const fields = node.children.map((child) => ({
    name: child.name,
    type: typeOf(child, listInference),
  }));
  return { kind: "STRUCT", fields };
}

/** The table of Parquet conversions in BigQuery's documentation. */
function scalarOf({ name, physical, converted, logical, scale, precision }: Node): ScalarKind {
  if (converted === "DECIMAL" || logical.startsWith("Decimal")) {
    if (scale <= 9 && precision - scale <= 29) return "NUMERIC";
    return "BIGNUMERIC";
  }
  if (logical.startsWith("Timestamp") && logical.includes("isAdjustedToUTC=0")) return "DATETIME";
  if (/^TIMESTAMP/.test(converted) || logical.startsWith("Timestamp")) return "TIMESTAMP";
  if (/^TIME_/.test(converted) || logical.startsWith("Time")) return "TIME";
  if (converted === "DATE") return "DATE";
  if (converted === "UTF8" || logical.startsWith("String")) return "STRING";
  const isPlain = converted === "" && logical === "";
  if (isPlain || /^U?INT_\d+$/.test(converted) || logical.startsWith("Int")) {
    switch (physical) {
      case "BOOLEAN":
        return "BOOL";
      case "INT32":
      case "INT64":
        return "INT64";
      case "INT96":
        return "TIMESTAMP";
      case "FLOAT":
      case "DOUBLE":
        return "FLOAT64";
      case "BYTE_ARRAY":
      case "FIXED_LEN_BYTE_ARRAY":
        return "BYTES";
    }
  }
  throw refused(`a Parquet column of type ${converted || logical || physical} (column ${name})`);
}

/** The rows of a Parquet file, whose columns are found by name. */
export function parquetSql({ file, columns }: Source, found: readonly Column[]): string {
  const values = columns.map((column, i) => `${columnSql(column, found)} AS ${valueName(i)}`);
  const checks = columns.flatMap((column, i) => [
    ...requiredChecks(column, i),
    ...rangeChecks(column, i),
  ]);
  return `
    SELECT *, ${problemSql(checks)} AS problem
    FROM (SELECT ${values.join(", ")} FROM read_parquet(${quoteText(file)}))`;
}

function columnSql({ name, type }: Column, found: readonly Column[]): string {
  const source = found.find((column) => column.name.toLowerCase() === name.toLowerCase());
  if (!source)
    return type.kind === "ARRAY" ? `[]::${duckdbType(type)}` : `NULL::${duckdbType(type)}`;
  const widens = source.type.kind === "NUMERIC" && type.kind === "BIGNUMERIC";
  if (!widens && formatType(bare(source.type)) !== formatType(bare(type))) {
    throw new BigQueryError(
      "invalid",
      `Error while reading data, error message: Parquet column '${source.name}' has type ${formatType(source.type)} which does not match the target type ${formatType(type)}`,
    );
  }
  const cast = `CAST(${quoteName(source.name)} AS ${duckdbType(type)})`;
  return type.kind === "ARRAY" ? `COALESCE(${cast}, [])` : cast;
}

/** A type without the parameters that only limit its values. */
function bare(type: SqlType): SqlType {
  if (type.kind === "ARRAY") return { kind: "ARRAY", element: bare(type.element) };
  if (type.kind === "STRUCT") {
    return { kind: "STRUCT", fields: type.fields.map((f) => ({ ...f, type: bare(f.type) })) };
  }
  return "parameters" in type ? { kind: type.kind } : type;
}

/** Values that Parquet can have and a column of BigQuery cannot. */
function rangeChecks({ name, type }: Column, i: number): Check[] {
  const value = valueName(i);
  if (type.kind === "ARRAY") {
    const message = quoteText(`an element of an array is NULL. Field: ${name}`);
    return [{ when: `len(list_filter(${value}, lambda x: x IS NULL)) > 0`, message }];
  }
  if (type.kind === "DATE" || type.kind === "DATETIME" || type.kind === "TIMESTAMP") {
    const message = quoteText(`a value is outside the years 1 to 9999. Field: ${name}`);
    return [{ when: `year(${value}) NOT BETWEEN 1 AND 9999`, message }];
  }
  if (type.kind === "STRING" && type.parameters?.[0] !== undefined) {
    const message = quoteText(
      `a value is longer than STRING(${type.parameters[0]}). Field: ${name}`,
    );
    return [{ when: `length(${value}) > ${type.parameters[0]}`, message }];
  }
  return [];
}
