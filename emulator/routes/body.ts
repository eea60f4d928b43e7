import type { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { isSafeNumber, LosslessNumber, parse } from "lossless-json";
import type { z } from "zod";
import { BigQueryError } from "../errors.ts";

/** The largest JSON body; files come through uploads, which are not limited. */
const BODY_LIMIT = 64 * 1024 * 1024;

/** BigQuery's schemas are at most 15 levels deep, and each is two levels of JSON. */
const MAX_DEPTH = 100;

/** Has an app read JSON bodies, compressed or not, and nothing else. Clients send the content type with empty bodies too. */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    async ({ headers }: FastifyRequest, payload: Readable) =>
      parseJson(await readBytes(payload), headers["content-encoding"]),
  );
}

/** A body of limited size. One that is larger is read to its end, so that the client gets to read the answer. */
export async function readBytes(body: Readable | undefined): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    length += part.length;
    if (length <= BODY_LIMIT) parts.push(part);
  }
  if (length <= BODY_LIMIT) return Buffer.concat(parts);
  throw new BigQueryError(
    "invalid",
    `Request payload size exceeds the limit: ${BODY_LIMIT} bytes.`,
  );
}

/** A number that JavaScript's numbers may not hold, or such digits in a text. */
const LONG_NUMBER = /\d[\d.]{14}|\d[eE]/;

/**
 * Parses JSON that came over the network. Numbers that JavaScript's cannot hold come as `LosslessNumber`. An empty body
 * means no fields. Throws `invalid`.
 */
export function parseJson(bytes: Buffer, encoding?: string): unknown {
  const text = decoded(bytes, encoding);
  if (text.trim() === "") return {};
  if (isDeep(text)) {
    throw new BigQueryError("invalid", "Invalid JSON payload received. It is nested too deeply");
  }
  try {
    const plain = JSON.parse(text);
    return LONG_NUMBER.test(text) ? parse(text, undefined, exactNumber) : plain;
  } catch {
    throw new BigQueryError("invalid", "Invalid JSON payload received. It is not JSON");
  }
}

function exactNumber(text: string): number | LosslessNumber {
  return isSafeNumber(text) ? Number(text) : new LosslessNumber(text);
}

function decoded(bytes: Buffer, encoding = "identity"): string {
  if (encoding !== "identity" && encoding !== "gzip") {
    throw new BigQueryError("invalid", `Content-Encoding ${encoding} is not gzip`);
  }
  try {
    const plain = encoding === "gzip" ? gunzipSync(bytes, { maxOutputLength: BODY_LIMIT }) : bytes;
    return new TextDecoder("utf-8", { fatal: true }).decode(plain);
  } catch {
    const expected = encoding === "gzip" ? "gzip of UTF-8 text" : "UTF-8 text";
    throw new BigQueryError("invalid", `Invalid JSON payload received. It is not ${expected}`);
  }
}

/** Counts brackets outside strings: what recursive code could not read is found without recursion. */
function isDeep(text: string): boolean {
  let depth = 0;
  let isString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (isString) {
      if (c === "\\") i++;
      else if (c === '"') isString = false;
    } else if (c === '"') isString = true;
    else if (c === "{" || c === "[") {
      if (++depth > MAX_DEPTH) return true;
    } else if (c === "}" || c === "]") depth--;
  }
  return false;
}

/** A body of the form a resource has. Throws `invalid` with the path of the first field that has another form. */
export function readBody<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join(".") || "the request";
  throw new BigQueryError("invalid", `Invalid value at ${path}: ${issue?.message}`);
}

/** In a job, null means that a field is absent. */
export function withoutNullFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNullFields);
  if (typeof value !== "object" || value === null) return value;
  const present = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(present.map(([name, field]) => [name, withoutNullFields(field)]));
}
