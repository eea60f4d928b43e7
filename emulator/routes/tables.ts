import type { FastifyInstance } from "fastify";
import type { Context } from "../context.ts";
import { BigQueryError, refused } from "../errors.ts";
import { tableTarget } from "../jobs/names.ts";
import { type Column, formatType } from "../sql/types.ts";
import { tableSize } from "../warehouse/bytes.ts";
import { emptyPartition } from "../warehouse/load/target.ts";
import { columnsFromRest } from "../warehouse/schema.ts";
import type { Session, TableEntry } from "../warehouse/session.ts";
import {
  changeColumns,
  createTable,
  displayName,
  dropTable,
  requireTable,
} from "../warehouse/tables.ts";
import { withSession } from "../warehouse/warehouse.ts";
import { requireDataset } from "./datasets.ts";
import { checkEtag } from "./etag.ts";
import { type Params, page, type Query } from "./request.ts";
import { patched, readTable, replacing, type TableBody } from "./table-body.ts";
import { tableListEntry, tableResource } from "./table-resource.ts";

export function tableRoutes(app: FastifyInstance, context: Context): void {
  const { project, warehouse } = context;
  /** The table that a path names; `$20260101` at its end means one partition. */
  const targetOf = ({ dataset, table }: Params) =>
    tableTarget({ datasetId: dataset, tableId: table }, project);
  const nameOf = (params: Params) => targetOf(params).table;

  app.post<{ Params: Params }>("/projects/:project/datasets/:dataset/tables", (request) =>
    withSession(warehouse, async (session) => {
      const { params } = request;
      const body = readTable(request.body);
      const reference = { ...body.tableReference, datasetId: params.dataset };
      const { table } = tableTarget(reference, project);
      const entry = await newEntry(context, session, { ...table, project }, body);
      await session.lock([entry.name]);
      await session.atomic(() => createTable(session, entry));
      return tableResource(entry, context, await tableSize(session, entry));
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
      return tableResource(entry, context, await tableSize(session, entry));
    }),
  );

  app.route<{ Params: Params }>({
    method: ["PATCH", "PUT"],
    url: "/projects/:project/datasets/:dataset/tables/:table",
    handler: ({ params, headers, method, body }) =>
      withSession(warehouse, async (session) => {
        const table = readTable(body);
        if (targetOf(params).partition !== undefined)
          throw refused("changing one partition's metadata");
        const change = method === "PUT" ? replacing(table) : table;
        // Before the lock, which a script gives back at its end, and the transaction, which it would take for its own.
        const checked = await viewOf(change, context, session);
        await session.lock([nameOf(params)]);
        const before = requireTable(session, nameOf(params));
        checkEtag(headers["if-match"], before);
        const view = before.type === "TABLE" ? undefined : checked;
        return session.atomic(async () => {
          const entry = await changeTable(session, before, view, change);
          await session.catalogue.putTable(entry);
          return tableResource(entry, context, await tableSize(session, entry));
        });
      }),
  });

  app.delete<{ Params: Params }>(
    "/projects/:project/datasets/:dataset/tables/:table",
    ({ params }, reply) =>
      withSession(warehouse, async (session) => {
        requireDataset(context, params.dataset);
        const { table, partition } = targetOf(params);
        await session.lock([table]);
        await session.atomic(() =>
          partition === undefined
            ? dropTable(session, table)
            : emptyPartition(session, requireTable(session, table), partition),
        );
        return reply.code(204).send();
      }),
  );
}

async function newEntry(
  context: Context,
  session: Session,
  name: TableEntry["name"],
  body: TableBody,
): Promise<TableEntry> {
  const now = Date.now();
  const times = { createdAt: now, modifiedAt: now };
  const view = await viewOf(body, context, session);
  if (view) return patched({ name, ...view, ...times }, body);
  const columns = columnsFromRest(body.schema?.fields ?? []);
  return patched({ name, type: "TABLE", columns, ...times }, body);
}

type ViewDefinition = Pick<TableEntry, "type" | "viewQuery" | "columns">;

/** The view that a body describes: its query is checked, and says what columns it has. */
async function viewOf(
  { view, materializedView }: TableBody,
  context: Context,
  session: Session,
): Promise<ViewDefinition | undefined> {
  const viewQuery = view?.query ?? materializedView?.query;
  if (viewQuery === undefined) return undefined;
  const { statementType, columns } = await context.runScript(viewQuery, session, { dryRun: true });
  if (statementType !== "SELECT" || !columns) {
    throw new BigQueryError("invalidQuery", "A view is defined by one SELECT statement", {
      location: "query",
    });
  }
  const type = view?.query === undefined ? "MATERIALIZED_VIEW" : "VIEW";
  return { type, viewQuery, columns };
}

/** What PATCH and PUT do: the entry, and the table's columns with it. */
async function changeTable(
  session: Session,
  before: TableEntry,
  view: ViewDefinition | undefined,
  body: TableBody,
): Promise<TableEntry> {
  if (view && view.type !== before.type) {
    throw new BigQueryError("invalid", `Cannot change the type of ${displayName(before.name)}`);
  }
  const fields = body.schema?.fields;
  if (!fields) return patched({ ...before, ...view }, body);
  const wanted = columnsFromRest(fields);
  // Of a view, only descriptions and policy tags are one's own to set.
  const columns = before.type === "TABLE" ? wanted : described((view ?? before).columns, wanted);
  if (before.type === "TABLE") await changeColumns(session, before, columns);
  return patched({ ...before, ...view, columns }, body);
}

function described(columns: readonly Column[], wanted: readonly Column[]): readonly Column[] {
  return columns.map((column) => {
    const same = wanted.find(({ name }) => name.toLowerCase() === column.name.toLowerCase());
    const { description, policyTags } = same ?? column;
    return {
      name: column.name,
      type: same && formatType(same.type) === formatType(column.type) ? same.type : column.type,
      ...(description === undefined ? {} : { description }),
      ...(policyTags === undefined ? {} : { policyTags }),
    };
  });
}
