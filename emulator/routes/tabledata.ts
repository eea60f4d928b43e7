import type { FastifyInstance } from "fastify";
import pLimit, { type LimitFunction } from "p-limit";
import { z } from "zod";
import type { Context } from "../context.ts";
import { BigQueryError, refused } from "../errors.ts";
import type { Column } from "../sql/types.ts";
import { createInsertIds } from "../warehouse/insert-ids.ts";
import { insertRows } from "../warehouse/insert-rows.ts";
import { tableSql } from "../warehouse/open-session.ts";
import { requireTable } from "../warehouse/tables.ts";
import { withSession } from "../warehouse/warehouse.ts";
import { readBody } from "./body.ts";
import { requireDataset } from "./datasets.ts";
import { type Params, paging, type Query, timestampFormatOf } from "./request.ts";

/** The body of tabledata.insertAll. */
const insertAllBody = z.object({
  rows: z
    .array(
      z.object({
        insertId: z.string().nullable().exactOptional(),
        json: z.record(z.string(), z.unknown()).exactOptional(),
      }),
    )
    .exactOptional(),
  ignoreUnknownValues: z.boolean().exactOptional(),
  skipInvalidRows: z.boolean().exactOptional(),
  templateSuffix: z.string().exactOptional(),
});

export function tabledataRoutes(app: FastifyInstance, context: Context): void {
  const { project, warehouse } = context;
  const base = "/projects/:project/datasets/:dataset/tables/:table";
  const insertIds = createInsertIds();

  app.get<{ Params: Params; Querystring: Query }>(`${base}/data`, async ({ params, query }) => {
    requireDataset(context, params.dataset);
    if (params.table.includes("$")) {
      throw refused("listing one partition's rows", undefined, "a query with a filter");
    }
    const name = { project, dataset: params.dataset, name: params.table };
    const entry = requireTable(warehouse, name);
    if (entry.type !== "TABLE") {
      throw new BigQueryError("invalid", `Cannot list a table of type ${entry.type}.`);
    }
    const columns = selectedColumns(entry.columns, query.selectedFields);
    const { start, maxRows } = paging(query);
    const table = tableSql(name);
    const total = await withSession(warehouse, (session) =>
      entry.columns.length === 0
        ? Promise.resolve([])
        : session.rows(`SELECT count(*) FROM ${table}`),
    );
    const totalRows = Number(total[0]?.[0] ?? 0);
    const rows = await warehouse.readPage({
      table,
      columns,
      start,
      maxRows,
      timestamps: timestampFormatOf(query),
    });
    const end = start + rows.length;
    return {
      kind: "bigquery#tableDataList",
      totalRows: String(totalRows),
      rows,
      ...(end < totalRows && rows.length > 0 ? { pageToken: String(end) } : {}),
    };
  });

  async function insertAll(params: Params, given: unknown) {
    return withSession(warehouse, async (session) => {
      const body = readBody(insertAllBody, given);
      const name = { project, dataset: params.dataset, name: params.table };
      const entry = requireTable(session, name);
      const all = body.rows ?? [];
      if (all.length === 0) throw new BigQueryError("invalid", "No rows present in the request.");
      if (body.templateSuffix) throw refused("templateSuffix of tabledata.insertAll");
      const inRequest = new Set<string>();
      const isRepeated = ({ insertId }: (typeof all)[number]) => {
        if (!insertId) return false;
        const isKnown = inRequest.has(insertId) || insertIds.has(entry, insertId);
        inRequest.add(insertId);
        return isKnown;
      };
      // A row keeps the place that it has in the request.
      const rows = [...all.entries()].filter(([, row]) => !isRepeated(row));
      const errors = await insertRows(
        session,
        entry,
        rows.map(([, row]) => row.json ?? {}),
        {
          ignoreUnknownValues: body.ignoreUnknownValues ?? false,
          skipInvalidRows: body.skipInvalidRows ?? false,
          uploads: context.uploads,
        },
      );
      const failed = new Set(errors.map(({ index }) => index));
      insertIds.add(
        entry,
        rows.flatMap(([, { insertId }], i) => (insertId && !failed.has(i) ? [insertId] : [])),
      );
      const insertErrors = errors.map(({ index, reason, location, message }) => ({
        index: rows[index]?.[0] ?? index,
        errors: [{ reason, location, message, debugInfo: "" }],
      }));
      return {
        kind: "bigquery#tableDataInsertAllResponse",
        ...(insertErrors.length > 0 ? { insertErrors } : {}),
      };
    });
  }

  // A request that is sent again while the first still runs waits for it, and then knows its ids.
  const queues = new Map<string, LimitFunction>();
  app.post<{ Params: Params }>(`${base}/insertAll`, ({ params, body }) => {
    const key = JSON.stringify([params.dataset, params.table]);
    const queue = queues.get(key) ?? pLimit(1);
    queues.set(key, queue);
    return queue(() => insertAll(params, body));
  });
}

/** Columns of `selectedFields`, which may name whole columns only. */
function selectedColumns(columns: readonly Column[], names: string | undefined): readonly Column[] {
  if (!names) return columns;
  const wanted = new Set(names.toLowerCase().split(","));
  const selected = columns.filter((column) => wanted.delete(column.name.toLowerCase()));
  const [unknown] = wanted;
  if (unknown === undefined) return selected;
  throw new BigQueryError("invalid", `No such field to select: ${unknown}`);
}
