/** A type as the analyzer's service writes it (zetasql.TypeProto). */
export interface TypeProto {
  readonly typeKind: string;
  readonly arrayType?: { readonly elementType: TypeProto };
  readonly structType?: {
    readonly field?: readonly { readonly fieldName?: string; readonly fieldType: TypeProto }[];
  };
  readonly rangeType?: { readonly elementType: TypeProto };
}

/** Names that GoogleSQL has for the same type. */
const ALIASES: Readonly<Record<string, string>> = {
  INT: "INT64",
  INTEGER: "INT64",
  SMALLINT: "INT64",
  BIGINT: "INT64",
  TINYINT: "INT64",
  BYTEINT: "INT64",
  FLOAT: "FLOAT64",
  BOOLEAN: "BOOL",
  DECIMAL: "NUMERIC",
  BIGDECIMAL: "BIGNUMERIC",
};

const SCALARS = new Set(
  "INT64 FLOAT64 NUMERIC BIGNUMERIC BOOL STRING BYTES DATE DATETIME TIME TIMESTAMP INTERVAL JSON GEOGRAPHY".split(
    " ",
  ),
);

/**
 * Reads a type as GoogleSQL writes it, such as `ARRAY<STRUCT<a INT64, b STRING>>`; lengths and precisions, as in
 * `NUMERIC(10, 2)`, are left out. @throws Error when it is none
 */
export function parseType(text: string): TypeProto {
  const tokens = text.match(/`[^`]+`|\w+|\([^)]*\)|[<>,]/g) ?? [];
  let at = 0;
  const refuse = (): never => {
    throw new Error(`${text} is not a GoogleSQL type`);
  };
  const take = (token: string) => {
    if (tokens[at] !== token) refuse();
    at++;
  };
  const type = (): TypeProto => {
    const name = (tokens[at++] ?? refuse()).toUpperCase();
    if (name === "ARRAY" || name === "RANGE") {
      take("<");
      const elementType = type();
      take(">");
      return name === "ARRAY"
        ? { typeKind: "TYPE_ARRAY", arrayType: { elementType } }
        : { typeKind: "TYPE_RANGE", rangeType: { elementType } };
    }
    if (name === "STRUCT") {
      take("<");
      const field = [];
      while (tokens[at] !== ">") {
        if (field.length > 0) take(",");
        // A field without a name is its type alone.
        const named = /^[\w`]/.test(tokens[at + 1] ?? "");
        const fieldName = named ? (tokens[at++] ?? "").replaceAll("`", "") : "";
        field.push({ fieldName, fieldType: type() });
      }
      take(">");
      return { typeKind: "TYPE_STRUCT", structType: { field } };
    }
    if (tokens[at]?.startsWith("(")) at++;
    const scalar = ALIASES[name] ?? name;
    if (!SCALARS.has(scalar)) refuse();
    return { typeKind: scalar === "FLOAT64" ? "TYPE_DOUBLE" : `TYPE_${scalar}` };
  };
  const read = type();
  if (at !== tokens.length) refuse();
  return read;
}

/** A type as GoogleSQL writes it. */
export function typeText(type: TypeProto): string {
  if (type.arrayType) return `ARRAY<${typeText(type.arrayType.elementType)}>`;
  if (type.rangeType) return `RANGE<${typeText(type.rangeType.elementType)}>`;
  if (type.structType) {
    const fields = (type.structType.field ?? []).map(({ fieldName, fieldType }) =>
      [fieldName, typeText(fieldType)].filter(Boolean).join(" "),
    );
    return `STRUCT<${fields.join(", ")}>`;
  }
  const name = type.typeKind.replace(/^TYPE_/, "");
  return name === "DOUBLE" ? "FLOAT64" : name;
}
