import type { FastifyInstance } from "fastify";
import type { Context } from "../context.ts";
import { BigQueryError, refused } from "../errors.ts";
import { tableTarget } from "../jobs/names.ts";
import { clusteringOf, partitioningOf } from "../jobs/partitioning.ts";
import { columnsFromRest } from "../warehouse/schema.ts";
import type { Session, TableEntry } from "../warehouse/session.ts";
import { changeColumns, createTable, dropTable, requireTable } from "../warehouse/tables.ts";
import { withSession } from "../warehouse/warehouse.ts";
import { mergeLabels, requireDataset, withoutNulls } from "./datasets.ts";
import { type Params, page, type Query } from "./request.ts";
import { type TableBody, tableListEntry, tableResource } from "./table-resource.ts";

export function tableRoutes(app: FastifyInstance, context: Context): void {
  const { project, warehouse } = context;
  const nameOf = (params: Params) => ({
    project,
    dataset: params.dataset,
    name: params.table.split("$")[0] ?? "",
  });

  app.post<{ Params: Params; Body: TableBody }>(
    "/projects/:project/datasets/:dataset/tables",
    ({ params, body }) =>
      withSession(warehouse, async (session) => {
        const reference = { ...body?.tableReference, datasetId: params.dataset };
        const { table } = tableTarget(reference, project);
        const entry = await newEntry(context, session, { ...table, project }, body);
        await session.lock([entry.name]);
        await session.atomic(() => createTable(session, entry));
        return tableResource(entry, context);
      }),
  );

  app.get<{ Params: Params; Querystring: Query }>(
    "/projects/:project/datasets/:dataset/tables",
    async ({ params, query }) => {
      requireDataset(context, params.dataset);
      const all = warehouse.catalogue.tables(project, params.dataset);
      const { items, ...next } = page(all, query);
      return {
        kind: "bigquery#tableList",
        tables: items.map(tableListEntry),
        totalItems: all.length,
        ...next,
      };
    },
  );

  app.get<{ Params: Params }>("/projects/:project/datasets/:dataset/tables/:table", ({ params }) =>
    withSession(warehouse, async (session) => {
      requireDataset(context, params.dataset);
      const entry = requireTable(session, nameOf(params));
      return tableResource(entry, context, await rowCount(session, entry));
    }),
  );

  app.route<{ Params: Params; Body: TableBody }>({
    method: ["PATCH", "PUT"],
    url: "/projects/:project/datasets/:dataset/tables/:table",
    handler: ({ params, body }) =>
      withSession(warehouse, async (session) => {
        await session.lock([nameOf(params)]);
        return session.atomic(async () => {
          const before = requireTable(session, nameOf(params));
          const columns = body.schema?.fields ? columnsFromRest(body.schema.fields) : undefined;
          if (columns && before.type === "TABLE") await changeColumns(session, before, columns);
          const entry = patched(before, body, columns ?? before.columns);
          await session.catalogue.putTable(entry);
          return tableResource(entry, context, await rowCount(session, entry));
        });
      }),
  });

  app.delete<{ Params: Params }>(
    "/projects/:project/datasets/:dataset/tables/:table",
    ({ params }, reply) =>
      withSession(warehouse, async (session) => {
        requireDataset(context, params.dataset);
        await session.lock([nameOf(params)]);
        await session.atomic(() => dropTable(session, nameOf(params)));
        return reply.code(204).send();
      }),
  );
}

async function rowCount(session: Session, entry: TableEntry): Promise<number> {
  if (entry.type !== "TABLE" || entry.columns.length === 0) return 0;
  const rows = await session.rows(`SELECT count(*) FROM ${session.tableSql(entry.name)}`);
  return Number(rows[0]?.[0] ?? 0);
}

async function newEntry(
  context: Context,
  session: Session,
  name: TableEntry["name"],
  body: TableBody,
): Promise<TableEntry> {
  if (body.externalDataConfiguration) throw refused("external tables");
  if (body.materializedView)
    throw refused("materialized views made by REST", undefined, "CREATE MATERIALIZED VIEW");
  const now = Date.now();
  const base = {
    name,
    columns: columnsFromRest(body.schema?.fields ?? []),
    createdAt: now,
    modifiedAt: now,
  };
  const view = body.view?.query;
  if (view === undefined) return patched({ ...base, type: "TABLE" }, body, base.columns);
  if (body.view?.useLegacySql === true) {
    throw new BigQueryError(
      "invalid",
      "Legacy SQL is not supported by the emulator; set view.useLegacySql to false",
    );
  }
  const { columns } = await context.runScript(view, session, { dryRun: true });
  return patched({ ...base, type: "VIEW", viewQuery: view }, body, columns ?? []);
}

/** An entry with the fields a body names: null removes one. */
function patched(entry: TableEntry, body: TableBody, columns: TableEntry["columns"]): TableEntry {
  const { description, friendlyName, labels, expiresAt, partitioning, clustering, ...kept } = entry;
  const expiration = body.expirationTime;
  const values = {
    description: body.description === undefined ? description : body.description,
    friendlyName: body.friendlyName === undefined ? friendlyName : body.friendlyName,
    labels: body.labels === undefined ? labels : mergeLabels(labels, body.labels),
    expiresAt:
      expiration === undefined ? expiresAt : expiration === null ? null : Number(expiration),
    partitioning: partitioningOf(body) ?? partitioning,
    clustering: clusteringOf(body) ?? clustering,
  };
  const viewQuery = body.view?.query ?? entry.viewQuery;
  return {
    ...kept,
    ...(viewQuery === undefined ? {} : { viewQuery }),
    columns,
    modifiedAt: Date.now(),
    ...withoutNulls(values),
  };
}
