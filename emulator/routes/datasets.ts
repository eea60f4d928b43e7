import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Context } from "../context.ts";
import { BigQueryError, refused } from "../errors.ts";
import { datasetReference } from "../jobs/configuration.ts";
import { datasetOf } from "../jobs/names.ts";
import { createDataset, dropDataset, settingsLock } from "../warehouse/datasets.ts";
import type { DatasetEntry } from "../warehouse/session.ts";
import { withSession } from "../warehouse/warehouse.ts";
import { readBody } from "./body.ts";
import { checkEtag, etagOf } from "./etag.ts";
import { type Params, page, type Query } from "./request.ts";

const text = z.string().nullable().exactOptional();
const int64 = z.union([z.string(), z.number()]).nullable().exactOptional();

/** The body of datasets.insert, patch and update: null removes a value. */
const datasetBody = z.object({
  datasetReference: datasetReference.nullable().exactOptional(),
  location: z.string().exactOptional(),
  description: text,
  friendlyName: text,
  labels: z.record(z.string(), z.string().nullable()).nullable().exactOptional(),
  defaultTableExpirationMs: int64,
  defaultPartitionExpirationMs: int64,
  maxTimeTravelHours: int64,
  storageBillingModel: text,
  access: z.array(z.record(z.string(), z.unknown())).nullable().exactOptional(),
});
type DatasetBody = z.infer<typeof datasetBody>;

/** What a dataset cannot be here, by the field that would say so. */
const REFUSED: Readonly<Record<string, string>> = {
  isCaseInsensitive: "datasets with case-insensitive names",
  defaultCollation: "defaultCollation of a dataset",
  defaultRoundingMode: "defaultRoundingMode of a dataset",
  defaultEncryptionConfiguration: "defaultEncryptionConfiguration of a dataset",
  externalDatasetReference: "external datasets",
  linkedDatasetSource: "linked datasets",
};

function readDataset(body: unknown): DatasetBody {
  const dataset = readBody(datasetBody, body);
  for (const [name, value] of Object.entries(body ?? {})) {
    const what = REFUSED[name];
    if (value && what) throw refused(what);
  }
  return dataset;
}

export function datasetRoutes(app: FastifyInstance, context: Context): void {
  const { project, warehouse } = context;

  app.post<{ Params: Params }>("/projects/:project/datasets", async (request) => {
    const body = readDataset(request.body);
    const dataset = datasetOf(body.datasetReference ?? {});
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
  });

  app.get<{ Params: Params; Querystring: Query }>(
    "/projects/:project/datasets",
    async ({ query }) => {
      const shown = warehouse.catalogue.datasets(project).filter(isShown(query));
      const { items, ...next } = page(shown, query);
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

  app.route<{ Params: Params }>({
    method: ["PATCH", "PUT"],
    url: "/projects/:project/datasets/:dataset",
    handler: ({ params, headers, method, body }) =>
      withSession(warehouse, async (session) => {
        await session.lock([settingsLock(project, params.dataset)]);
        return session.atomic(async () => {
          const before = requireDataset(context, params.dataset);
          checkEtag(headers["if-match"], before);
          const dataset = readDataset(body);
          const change = method === "PUT" ? { ...NOTHING, ...dataset } : dataset;
          const entry = patched({ ...before, modifiedAt: Date.now() }, change);
          await session.catalogue.putDataset(entry);
          return resource(entry);
        });
      }),
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

/** The settings of a dataset; `access` and the last two are kept and answered, and have no effect here. */
const SETTINGS = [
  ...(["description", "friendlyName", "defaultTableExpirationMs"] as const),
  ...(["defaultPartitionExpirationMs", "access"] as const),
  ...(["maxTimeTravelHours", "storageBillingModel"] as const),
] as const;

/** A PUT removes what it does not name. */
const NOTHING: DatasetBody = {
  ...Object.fromEntries(SETTINGS.map((name) => [name, null])),
  labels: null,
};

/** An entry with the settings a body names: null removes one. */
function patched(entry: DatasetEntry, body: DatasetBody): DatasetEntry {
  const { labels, ...kept } = entry;
  const after = body.labels === undefined ? labels : mergeLabels(labels, body.labels);
  const values = SETTINGS.map((name) => {
    const value = body[name] === undefined ? entry[name] : body[name];
    return [name, typeof value === "number" ? String(value) : value];
  });
  return withoutNulls({ ...kept, labels: after, ...Object.fromEntries(values) }) as DatasetEntry;
}

/** Datasets that a list shows: those with the labels of `filter`; hidden ones, whose names begin with _, only with `all`. */
function isShown({ all, filter }: Query): (entry: DatasetEntry) => boolean {
  const wanted = (filter ?? "").split(/\s+(?:AND\s+)?/i).filter((term) => term !== "");
  const labels = wanted.map((term) => {
    const match = term.match(/^labels\.([^:]+)(?::(.*))?$/);
    if (match?.[1]) return { name: match[1], value: match[2] };
    throw new BigQueryError(
      "invalid",
      `Invalid filter: ${term}; expected labels.name or labels.name:value`,
    );
  });
  return (entry) =>
    (all === "true" || !entry.dataset.startsWith("_")) &&
    labels.every(({ name, value }) => {
      const label = entry.labels?.[name];
      return label !== undefined && (value === undefined || value === label);
    });
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
    etag: etagOf(entry),
    datasetReference: { projectId: project, datasetId: dataset },
    creationTime: String(createdAt),
    lastModifiedTime: String(modifiedAt),
    type: "DEFAULT",
    access: [],
    ...rest,
  };
}
