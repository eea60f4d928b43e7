import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import pMap from "p-map";
import { glob } from "tinyglobby";
import { DataError } from "./errors.ts";

/** A delivered file, named by its content. */
export interface DeliveredFile {
  /** SHA-256 of the content, in hexadecimal. */
  readonly fileId: string;
  /** Relative to the source's folder, with forward slashes. */
  readonly path: string;
  readonly absolutePath: string;
  readonly size: number;
}

/** What the ledger, `ops.files`, knows of a content that the source delivered. */
export interface LedgerEntry {
  readonly fileId: string;
  readonly path: string;
  readonly status: "accepted" | "rejected" | "superseded";
  readonly firstSeenAt: string;
}

/** What to do with the files of a folder. */
export interface FilePlan {
  /** In order of path. */
  readonly toRead: readonly DeliveredFile[];
  /** Content that is accepted already, or lies twice in the folder. */
  readonly skipped: number;
  /** Still growing: left for the next run. */
  readonly growing: readonly string[];
  /** Accepted contents that a file of the same name has replaced: file id → id of the newer content. */
  readonly replaced: ReadonlyMap<string, string>;
}

export interface FileSet {
  readonly folder: string;
  /** Globs inside the folder. */
  readonly patterns: readonly string[];
}

const STABLE_AFTER_MS = 1000;

/**
 * Lists a folder's files with their hashes. Time of modification decides nothing: a late or copied file is found by its
 * content. A file whose size changes between two looks, or that is gone at the second, is still being written, unless
 * NAME.done lies beside it. There is one pause for the folder, and none where every content is known.
 * @throws DataError `folder_missing`, `unreadable`
 */
export async function discoverFiles(
  { folder, patterns }: FileSet,
  isKnown: (fileId: string) => boolean,
  sleep: (ms: number) => Promise<void>,
): Promise<{ readonly files: readonly DeliveredFile[]; readonly growing: readonly string[] }> {
  if (!existsSync(folder)) {
    throw new DataError(`the folder ${folder} does not exist`, {
      reason: "folder_missing",
      remedy: "make the folder or bring it back, or correct `path` in filo.json",
    });
  }
  const paths = (await glob([...patterns], { cwd: folder, onlyFiles: true })).sort();
  const files = await pMap(paths, (path) => describeFile(folder, path), { concurrency: 4 });
  const unsure = files.filter((file) => !isKnown(file.fileId) && !existsSync(doneMarker(file)));
  if (unsure.length > 0) await sleep(STABLE_AFTER_MS);
  const growing = new Set<string>();
  await pMap(unsure, async (file) => {
    if ((await sizeOf(file.absolutePath)) !== file.size) growing.add(file.path);
  });
  return { files: files.filter((file) => !growing.has(file.path)), growing: [...growing] };
}

/** Undefined where there is no such file, or no longer. */
async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}

const doneMarker = (file: DeliveredFile) => `${file.absolutePath}.done`;

/** Hashes one file. @throws DataError `unreadable` */
export async function describeFile(folder: string, path: string): Promise<DeliveredFile> {
  const absolutePath = join(folder, path);
  const hash = createHash("sha256");
  let size = 0;
  try {
    for await (const chunk of createReadStream(absolutePath, { highWaterMark: 1024 * 1024 })) {
      hash.update(chunk);
      size += (chunk as Buffer).length;
    }
  } catch (cause) {
    throw new DataError(`cannot read ${absolutePath}: ${(cause as NodeJS.ErrnoException).code}`, {
      reason: "unreadable",
      remedy: "give the loader the right to read the file, or take it out of the folder",
      cause,
    });
  }
  return { fileId: hash.digest("hex"), path, absolutePath, size };
}

/**
 * Decides, from what lies in the folder and what the ledger knows, which files are read and which contents they replace.
 * @param rereadAll the shape of rows has changed: accepted contents are read again
 */
export function planFiles(
  files: readonly DeliveredFile[],
  growing: readonly string[],
  ledger: ReadonlyMap<string, LedgerEntry>,
  rereadAll: boolean,
): FilePlan {
  const toRead: DeliveredFile[] = [];
  const byPath = new Map(files.map((file) => [file.path, file]));
  const present = new Set<string>();
  for (const file of files) {
    const isAccepted = !rereadAll && ledger.get(file.fileId)?.status === "accepted";
    if (!present.has(file.fileId) && !isAccepted) toRead.push(file);
    present.add(file.fileId);
  }
  const replaced = new Map<string, string>();
  for (const entry of ledger.values()) {
    if (entry.status !== "accepted") continue;
    const now = byPath.get(entry.path);
    // A content that moved to another name is still delivered, so nothing replaced it.
    if (now && !present.has(entry.fileId)) replaced.set(entry.fileId, now.fileId);
  }
  return { toRead, skipped: files.length - toRead.length, growing, replaced };
}
