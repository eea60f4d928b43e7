import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** A gzipped file of lines, written with bounded memory. */
export interface NdjsonFile {
  readonly path: string;
  /** @param line one JSON text without a line feed */
  write(line: string): void;
  drained(): Promise<void>;
  /** Flushes and closes; a second call does nothing. @throws what the file system says */
  end(): Promise<void>;
}

const BUFFER_CHARS = 512 * 1024;

/** Readable by the owner only: lines may hold contact values. */
export function createNdjsonFile(path: string): NdjsonFile {
  // Level 1: these files live for a minute, and the processor is what runs short.
  const gzip = createGzip({ level: 1, chunkSize: 256 * 1024 });
  const written = pipeline(gzip, createWriteStream(path, { mode: 0o600 }));
  // The failure is thrown by end(); until then nobody waits for it.
  written.catch(() => {});
  let buffer: string[] = [];
  let buffered = 0;

  function flush(): void {
    if (buffered === 0) return;
    gzip.write(buffer.join(""));
    buffer = [];
    buffered = 0;
  }

  return {
    path,
    write(line) {
      buffer.push(line, "\n");
      buffered += line.length + 1;
      if (buffered >= BUFFER_CHARS) flush();
    },
    async drained() {
      if (!gzip.writableNeedDrain) return;
      const drain = new Promise<void>((resolve) => gzip.once("drain", resolve));
      // A failed write never drains.
      await Promise.race([drain, written]);
    },
    async end() {
      if (!gzip.writableEnded) {
        flush();
        gzip.end();
      }
      await written;
    },
  };
}
