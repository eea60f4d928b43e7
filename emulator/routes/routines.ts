import type { FastifyInstance } from "fastify";
import type { Context } from "../context.ts";
import { BigQueryError } from "../errors.ts";
import type { SqlType } from "../sql/types.ts";
import type { RoutineEntry } from "../warehouse/session.ts";
import { withSession } from "../warehouse/warehouse.ts";
import { requireDataset } from "./datasets.ts";
import { type Params, page, type Query } from "./request.ts";

export function routineRoutes(app: FastifyInstance, context: Context): void {
  const { project, warehouse } = context;
  const base = "/projects/:project/datasets/:dataset/routines";
  const find = (params: Params): RoutineEntry => {
    requireDataset(context, params.dataset);
    const entry = warehouse.catalogue.routine({
      project,
      dataset: params.dataset,
      name: params.routine,
    });
    if (entry) return entry;
    throw new BigQueryError(
      "notFound",
      `Not found: Routine ${project}:${params.dataset}.${params.routine}`,
    );
  };

  app.get<{ Params: Params; Querystring: Query }>(base, async ({ params, query }) => {
    requireDataset(context, params.dataset);
    const { items, ...next } = page(warehouse.catalogue.routines(project, params.dataset), query);
    return { routines: items.map(resource), ...next };
  });

  app.get<{ Params: Params }>(`${base}/:routine`, async ({ params }) => resource(find(params)));

  app.delete<{ Params: Params }>(`${base}/:routine`, async ({ params }, reply) => {
    const { name } = find(params);
    await withSession(warehouse, (session) =>
      session.atomic(() => session.catalogue.dropRoutine(name)),
    );
    return reply.code(204).send();
  });
}

const ROUTINE_TYPES = {
  sql_function: "SCALAR_FUNCTION",
  js_function: "SCALAR_FUNCTION",
  table_function: "TABLE_VALUED_FUNCTION",
  procedure: "PROCEDURE",
} as const;

/** A type as `StandardSqlDataType`. */
function standardType(type: SqlType): object {
  if (type.kind === "ARRAY") {
    return { typeKind: "ARRAY", arrayElementType: standardType(type.element) };
  }
  if (type.kind === "RANGE") {
    return { typeKind: "RANGE", rangeElementType: standardType(type.element) };
  }
  if (type.kind !== "STRUCT") return { typeKind: type.kind };
  return { typeKind: "STRUCT", structType: { fields: type.fields.map(standardField) } };
}

function standardField({ name, type }: { readonly name?: string; readonly type: SqlType }): object {
  return { ...(name === undefined ? {} : { name }), type: standardType(type) };
}

function resource(entry: RoutineEntry): object {
  const { project, dataset, name } = entry.name;
  return {
    routineReference: { projectId: project, datasetId: dataset, routineId: name },
    routineType: ROUTINE_TYPES[entry.kind],
    language: entry.kind === "js_function" ? "JAVASCRIPT" : "SQL",
    arguments: entry.args.map((arg) => ({
      name: arg.name,
      ...(arg.type ? { dataType: standardType(arg.type) } : {}),
      ...(arg.type || arg.table ? {} : { argumentKind: "ANY_TYPE" }),
      ...(arg.mode ? { mode: arg.mode } : {}),
    })),
    ...(entry.returns ? { returnType: standardType(entry.returns) } : {}),
    ...(entry.columns ? { returnTableType: { columns: entry.columns.map(standardField) } } : {}),
    definitionBody: entry.body,
    ...(entry.description === undefined ? {} : { description: entry.description }),
    creationTime: String(entry.createdAt),
    lastModifiedTime: String(entry.modifiedAt),
  };
}
