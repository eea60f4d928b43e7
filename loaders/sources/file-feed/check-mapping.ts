import { type Entity, entityOf, type Field, fieldsOf, hasColumn } from "./entities.ts";
import type { Mapping } from "./mapping.ts";
import { ENTITY_TABLES } from "./schema.ts";
import { normalText } from "./values.ts";

/** What is wrong with a mapping, and where. */
export interface MappingProblem {
  readonly path: readonly string[];
  readonly message: string;
}

/** Checks what a mapping says against the entity it is for: each wrong place, in the order of the file. */
export function checkMapping(mapping: Mapping): readonly MappingProblem[] {
  const fields = fieldsOf(mapping.entity);
  return [
    ...unknownFields(mapping, fields),
    ...unsuitedSources(mapping, fields),
    ...unsuitedConstants(mapping, fields),
    ...unsuitedValues(mapping, fields),
    ...missingSources(mapping, fields),
    ...unsuitedRules(mapping),
    ...unsuitedFooter(mapping, fields),
  ];
}

type Fields = Readonly<Record<string, Field>>;

const isFilled = ({ columns, constants }: Mapping, field: string) =>
  field in columns || field in constants;

function unknownFields(mapping: Mapping, fields: Fields): MappingProblem[] {
  const known = Object.keys(fields).join(", ");
  return (["columns", "constants", "values"] as const).flatMap((group) =>
    Object.keys(mapping[group])
      .filter((field) => !(field in fields))
      .map((field) => ({
        path: [group, field],
        message: `${mapping.entity} have no such field; they have ${known}`,
      })),
  );
}

function unsuitedSources(mapping: Mapping, fields: Fields): MappingProblem[] {
  const problems: MappingProblem[] = [];
  const clear = new Set(Object.values(mapping.contacts).flat());
  for (const group of ["columns", "attributes"] as const) {
    for (const [field, source] of Object.entries(mapping[group])) {
      const leak = Array.isArray(source) && source.find((name) => clear.has(name));
      if (!leak) continue;
      problems.push({
        path: [group, field],
        message: `${leak} is a contact value: it belongs to pii only`,
      });
    }
  }
  for (const [field, source] of Object.entries(mapping.columns)) {
    if (Array.isArray(source) || fields[field]?.kind === "timestamp") continue;
    const message = "date and time belong to a timestamp field only";
    problems.push({ path: ["columns", field], message });
  }
  if (clear.size > 0 && !hasColumn(mapping.entity, "contact_key")) {
    problems.push({ path: ["contacts"], message: `${mapping.entity} have no contact values` });
  }
  return problems;
}

function unsuitedConstants(mapping: Mapping, fields: Fields): MappingProblem[] {
  return Object.entries(mapping.constants).flatMap(([field, value]) => {
    const declared = fields[field];
    if (!declared) return [];
    const path = ["constants", field];
    if (declared.oneOf && !declared.oneOf.includes(value)) {
      return [{ path, message: `must be one of ${declared.oneOf.join(", ")}` }];
    }
    const problem = constantProblem(mapping.entity, field, declared, value);
    return problem === undefined ? [] : [{ path, message: problem }];
  });
}

/** Constants are written as raw tables hold them, whatever the format of the file. */
function constantProblem(
  entity: Entity,
  name: string,
  { kind }: Field,
  value: string,
): string | undefined {
  if (kind === "pseudonym") return "would be the same person on every row";
  if (kind === "integer") return /^-?\d{1,15}$/.test(value) ? undefined : "must be a whole number";
  const shape = ENTITY_TABLES[entity].columns.find((column) => column.name === name)?.type;
  if (shape === "NUMERIC" && !/^-?\d{1,15}(\.\d{1,9})?$/.test(value)) {
    return "must be a number such as 12.50";
  }
  if (shape === "DATE" && !/^\d{4}-\d{2}-\d{2}$/.test(value)) return "must be a date, yyyy-MM-dd";
  if (shape === "TIMESTAMP" && !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(value)) {
    return "must be a time in UTC, yyyy-MM-ddTHH:mm:ssZ";
  }
  return undefined;
}

function unsuitedValues(mapping: Mapping, fields: Fields): MappingProblem[] {
  const problems: MappingProblem[] = [];
  for (const [field, texts] of Object.entries(mapping.values)) {
    const declared = fields[field];
    if (!declared) continue;
    const path = ["values", field];
    if (declared.kind !== "text") problems.push({ path, message: "only texts can be translated" });
    if (!(field in mapping.columns)) problems.push({ path, message: "is not among the columns" });
    const seen = new Map<string, string>();
    for (const [text, value] of Object.entries(texts)) {
      if (declared.oneOf && !declared.oneOf.includes(value)) {
        const message = `${value} is none of ${declared.oneOf.join(", ")}`;
        problems.push({ path: [...path, text], message });
      }
      const before = seen.get(normalText(text));
      if (before !== undefined && before !== value) {
        const message = `differs from another entry in upper and lower case only`;
        problems.push({ path: [...path, text], message });
      }
      seen.set(normalText(text), value);
    }
  }
  return problems;
}

/** What a receipt's required field is made of where the file does not have it. */
const DERIVED: Readonly<Record<string, readonly string[]>> = {
  business_date: ["receipt_ts"],
  line_gross: ["qty", "unit_gross"],
};

function missingSources(mapping: Mapping, fields: Fields): MappingProblem[] {
  const needed = Object.keys(fields).filter((field) => fields[field]?.isRequired);
  const missing = [...needed, ...mapping.required].filter((field) => {
    const parts = DERIVED[field];
    const isDerived = parts?.every((part) => isFilled(mapping, part)) ?? false;
    return !isFilled(mapping, field) && !isDerived;
  });
  const problems = missing.map((field) => ({
    path: ["columns"],
    message: `must say where ${field} comes from`,
  }));
  const { anyOf } = entityOf(mapping.entity);
  const hasContacts = Object.keys(mapping.contacts).length > 0;
  const isAny = (name: string) => (name === "contact_key" ? hasContacts : isFilled(mapping, name));
  if (!anyOf || anyOf.columns.some(isAny)) return problems;
  const names = anyOf.columns.map((name) => (name === "contact_key" ? "a contact value" : name));
  const message = `must say where at least one comes from: ${names.join(", ")}`;
  return [...problems, { path: ["columns"], message }];
}

function unsuitedRules(mapping: Mapping): MappingProblem[] {
  const problems: MappingProblem[] = [];
  for (const group of ["lineTypes", "orderTypes"] as const) {
    for (const field of mapping[group].flatMap(({ when }) => Object.keys(when))) {
      if (field in mapping.columns) continue;
      problems.push({ path: [group], message: `${field} is not among the columns` });
    }
  }
  if (mapping.entity === "receipts") return problems;
  const used = [
    ...(["lineTypes", "orderTypes"] as const).filter((group) => mapping[group].length > 0),
    ...(mapping.returnsWritten === "positive" ? ["returnsWritten"] : []),
    ...(Object.keys(mapping.vatCodes).length > 0 ? ["vatCodes"] : []),
    ...(mapping.rowCheck ? ["rowCheck"] : []),
  ];
  const message = "belongs to receipts only";
  return [...problems, ...used.map((group) => ({ path: [group], message }))];
}

function unsuitedFooter(mapping: Mapping, fields: Fields): MappingProblem[] {
  const { footer } = mapping;
  if (!footer) return [];
  const path = ["footer", "total"];
  if (mapping.format === "ndjson")
    return [{ path: ["footer"], message: "NDJSON has no total row" }];
  if (fields[footer.total]?.kind !== "money") return [{ path, message: "must be an amount field" }];
  if (!(footer.total in mapping.columns)) return [{ path, message: "is not among the columns" }];
  return [];
}
