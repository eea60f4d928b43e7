import type { FastifyInstance } from "fastify";
import type { Context } from "../context.ts";
import { BigQueryError } from "../errors.ts";
import { datasetOf } from "../jobs/names.ts";
import { createDataset, dropDataset } from "../warehouse/datasets.ts";
import type { DatasetEntry } from "../warehouse/session.ts";
import { withSession } from "../warehouse/warehouse.ts";
import { type Params, page, type Query } from "./request.ts";

interface DatasetBody {
  readonly datasetReference?: { readonly datasetId?: string };
  readonly location?: string;
  readonly description?: string | null;
  readonly friendlyName?: string | null;
  readonly labels?: Readonly<Record<string, string | null>> | null;
  readonly defaultTableExpirationMs?: string | null;
}

export function datasetRoutes(app: FastifyInstance, context: Context): void {
  const { project, warehouse } = context;

  app.post<{ Params: Params; Body: DatasetBody }>(
    "/projects/:project/datasets",
    async ({ body }) => {
      const dataset = datasetOf(body?.datasetReference ?? {});
      const now = Date.now();
      const base = {
        project,
        dataset,
        location: body.location ?? context.location,
        createdAt: now,
        modifiedAt: now,
      };
      const entry = patched(base, body);
      await withSession(warehouse, (session) => createDataset(session, entry));
      return resource(entry);
    },
  );

  app.get<{ Params: Params; Querystring: Query }>(
    "/projects/:project/datasets",
    async ({ query }) => {
      const { items, ...next } = page(warehouse.catalogue.datasets(project), query);
      const datasets = items.map((entry) => ({
        kind: "bigquery#dataset",
        id: `${project}:${entry.dataset}`,
        datasetReference: { projectId: project, datasetId: entry.dataset },
        location: entry.location,
        ...(entry.labels ? { labels: entry.labels } : {}),
      }));
      return { kind: "bigquery#datasetList", datasets, ...next };
    },
  );

  app.get<{ Params: Params }>("/projects/:project/datasets/:dataset", async ({ params }) =>
    resource(requireDataset(context, params.dataset)),
  );

  app.route<{ Params: Params; Body: DatasetBody }>({
    method: ["PATCH", "PUT"],
    url: "/projects/:project/datasets/:dataset",
    handler: ({ params, body }) =>
      withSession(warehouse, (session) =>
        session.atomic(async () => {
          const entry = patched(
            { ...requireDataset(context, params.dataset), modifiedAt: Date.now() },
            body,
          );
          await session.catalogue.putDataset(entry);
          return resource(entry);
        }),
      ),
  });

  app.delete<{ Params: Params; Querystring: Query }>(
    "/projects/:project/datasets/:dataset",
    async ({ params, query }, reply) => {
      requireDataset(context, params.dataset);
      await withSession(warehouse, (session) =>
        dropDataset(session, params.dataset, query.deleteContents === "true"),
      );
      return reply.code(204).send();
    },
  );
}

/** The dataset's entry. Throws `notFound`. */
export function requireDataset(context: Context, dataset: string): DatasetEntry {
  const entry = context.warehouse.catalogue.dataset(context.project, dataset);
  if (entry) return entry;
  throw new BigQueryError("notFound", `Not found: Dataset ${context.project}:${dataset}`);
}

/** An entry with the fields a body names: null removes one. */
function patched(entry: DatasetEntry, body: DatasetBody): DatasetEntry {
  const { description, friendlyName, labels, defaultTableExpirationMs, ...kept } = entry;
  const values = {
    description: body.description === undefined ? description : body.description,
    friendlyName: body.friendlyName === undefined ? friendlyName : body.friendlyName,
    labels: body.labels === undefined ? labels : mergeLabels(labels, body.labels),
    defaultTableExpirationMs:
      body.defaultTableExpirationMs === undefined
        ? defaultTableExpirationMs
        : body.defaultTableExpirationMs,
  };
  return { ...kept, ...withoutNulls(values) };
}

/** Labels of a PATCH: null as a value removes one label, null for all removes all. */
export function mergeLabels(
  before: Readonly<Record<string, string>> | undefined,
  change: Readonly<Record<string, string | null>> | null,
): Readonly<Record<string, string>> | null {
  if (change === null) return null;
  const merged = Object.entries({ ...before, ...change });
  return Object.fromEntries(merged.filter((label): label is [string, string] => label[1] !== null));
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], null | undefined> };

/** The object without its null and undefined values. */
export function withoutNulls<T extends object>(values: T): Present<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, v]) => v !== null && v !== undefined),
  ) as Present<T>;
}

function resource(entry: DatasetEntry): object {
  const { project, dataset, createdAt, modifiedAt, ...rest } = entry;
  return {
    kind: "bigquery#dataset",
    id: `${project}:${dataset}`,
    selfLink: "",
    datasetReference: { projectId: project, datasetId: dataset },
    creationTime: String(createdAt),
    lastModifiedTime: String(modifiedAt),
    type: "DEFAULT",
    access: [],
    ...rest,
  };
}
