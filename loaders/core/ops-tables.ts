import { z } from "zod";
import { column } from "./schema.ts";
import { opsTable, type Table } from "./tables.ts";

const text = () => column.string().nullable();
const count = () => column.int64();

/** Contact values as received: the only place where loaders write them. */
export const contacts = opsTable("pii", {
  name: "contacts",
  description: "One row per raw row that carried contact values, which are kept here as received.",
  key: ["contact_key"],
  clusterBy: ["contact_key"],
  columns: z.object({
    contact_key: column.string(),
    source: column.string(),
    email: text(),
    phone: text(),
    first_name: text(),
    last_name: text(),
    birth_date: text(),
    street: text(),
    postal_code: text(),
    city: text(),
    country: text(),
    _run_id: column.string(),
    _loaded_at: column.timestamp(),
  }),
});

export const loadRuns = opsTable("ops", {
  name: "load_runs",
  description: "One row per run of the command line, written at its start and again at its end.",
  key: ["run_id"],
  columns: z.object({
    run_id: column.string(),
    kind: column.string(),
    as_of: column.date().nullable(),
    started_at: column.timestamp(),
    ended_at: column.timestamp().nullable(),
    status: column.string(),
    version: text(),
    marts_run_id: text(),
    report: column.json(),
  }),
});

export const loadSlices = opsTable("ops", {
  name: "load_slices",
  description:
    "One row per run, stream, account and slice: rows read = loaded + duplicate + suppressed + rejected.",
  key: ["run_id", "source", "stream", "account", "slice_from", "slice_to"],
  partitionBy: "committed_at",
  clusterBy: ["stream"],
  columns: z.object({
    run_id: column.string(),
    source: column.string(),
    stream: column.string(),
    account: column.string(),
    slice_from: text(),
    slice_to: text(),
    status: column.string(),
    rows_read: count(),
    rows_loaded: count(),
    rows_duplicate: count(),
    rows_suppressed: count(),
    rows_rejected: count(),
    error_class: text(),
    remedy: text(),
    data_until: column.date().nullable(),
    committed_at: column.timestamp(),
  }),
});

export const loadState = opsTable("ops", {
  name: "load_state",
  description: "One row per stream (source.stream) and account: how far it is loaded.",
  key: ["stream", "account"],
  columns: z.object({
    stream: column.string(),
    account: column.string(),
    cursor: text(),
    settings_hash: text(),
    updated_at: column.timestamp(),
    run_id: column.string(),
  }),
});

export const files = opsTable("ops", {
  name: "files",
  description:
    "One row per source and content of a delivered file; file_id is the SHA-256 of the content.",
  key: ["source", "file_id"],
  columns: z.object({
    file_id: column.string(),
    source: column.string(),
    feed: column.string(),
    path: column.string(),
    size: count(),
    encoding: text(),
    delimiter: text(),
    rows_ok: count(),
    rows_rejected: count(),
    control_total: column.numeric().nullable(),
    computed_total: column.numeric().nullable(),
    status: column.string(),
    reason: text(),
    supersedes: text(),
    run_id: column.string(),
    first_seen_at: column.timestamp(),
  }),
});

export const deadLetters = opsTable("ops", {
  name: "dead_letters",
  description: "One row per delivered record that was refused, with its place and the reason.",
  key: [],
  partitionBy: "created_at",
  clusterBy: ["stream"],
  columns: z.object({
    run_id: column.string(),
    source: column.string(),
    stream: column.string(),
    file_id: text(),
    path: text(),
    line: column.int64().nullable(),
    request_id: text(),
    reason: column.string(),
    field_path: text(),
    payload: column.json(),
    created_at: column.timestamp(),
  }),
});

export const schemaDrift = opsTable("ops", {
  name: "schema_drift",
  description: "One row per run, stream and field that was delivered without being expected.",
  key: ["run_id", "stream", "path", "kind"],
  columns: z.object({
    run_id: column.string(),
    stream: column.string(),
    path: column.string(),
    kind: column.string(),
    count: count(),
    first_seen_at: column.timestamp(),
  }),
});

export const OPS_TABLES: readonly Table[] = [
  contacts,
  loadRuns,
  loadSlices,
  loadState,
  files,
  deadLetters,
  schemaDrift,
];
