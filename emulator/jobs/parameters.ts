import { BigQueryError } from "../errors.ts";
import type { Variable } from "../sql/catalog.ts";
import { rangeBetween } from "../sql/range.ts";
import {
  duckdbType,
  quoteName,
  quoteText,
  rangeOf,
  type SqlType,
  scalarType,
  structFieldNames,
} from "../sql/types.ts";
import type { ParameterType, ParameterValue, QueryParameter } from "./configuration.ts";

/** Query parameters by lower-cased name, or by position from 1 when they have none. */
export function queryParameters(
  parameters: readonly QueryParameter[] = [],
): ReadonlyMap<string | number, Variable> {
  return new Map(
    parameters.map((parameter, i) => {
      const type = parameterType(parameter.parameterType ?? {});
      const sql = parameterSql(parameter.parameterValue ?? {}, type);
      return [parameter.name ? parameter.name.toLowerCase() : i + 1, { type, sql }];
    }),
  );
}

function parameterType(type: ParameterType): SqlType {
  const name = String(type.type ?? "").toUpperCase();
  if (name === "ARRAY") return { kind: "ARRAY", element: parameterType(type.arrayType ?? {}) };
  if (name === "STRUCT") {
    return {
      kind: "STRUCT",
      fields: (type.structTypes ?? []).map((field) => ({
        ...(field.name ? { name: field.name } : {}),
        type: parameterType(field.type),
      })),
    };
  }
  if (name === "RANGE") {
    const range = rangeOf(parameterType(type.rangeElementType ?? {}));
    if (range) return range;
  }
  const scalar = scalarType(name === "FLOAT" ? "FLOAT64" : name);
  if (scalar) return scalar;
  throw new BigQueryError("invalid", `Invalid value for type: ${type.type} is not a valid value`);
}

/** The value as a typed DuckDB expression. The text of every scalar is quoted: it cannot be more than a value. */
function parameterSql(value: ParameterValue, type: SqlType): string {
  const typeName = duckdbType(type);
  if (type.kind === "ARRAY") {
    const items = (value.arrayValues ?? []).map((item) => parameterSql(item, type.element));
    return `CAST([${items.join(", ")}] AS ${typeName})`;
  }
  if (type.kind === "STRUCT") {
    const values = value.structValues;
    if (!values) return `CAST(NULL AS ${typeName})`;
    const names = structFieldNames(type);
    const fields = type.fields.map((field, i) => {
      const inner = parameterSql(values[field.name ?? ""] ?? {}, field.type);
      return `${quoteName(names[i] ?? "")} := ${inner}`;
    });
    return `struct_pack(${fields.join(", ")})`;
  }
  if (type.kind === "RANGE") {
    const { rangeValue } = value;
    if (!rangeValue) return `CAST(NULL AS ${typeName})`;
    const [start, end] = [rangeValue.start, rangeValue.end].map((bound = {}) =>
      // The client writes a bound that there is not as this text.
      parameterSql(bound.value === "UNBOUNDED" ? {} : bound, type.element),
    );
    return rangeBetween(start ?? "", end ?? "", type, false);
  }
  if (value.value === undefined) return `CAST(NULL AS ${typeName})`;
  const text = quoteText(String(value.value));
  return type.kind === "BYTES" ? `from_base64(${text})` : `CAST(${text} AS ${typeName})`;
}
