import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { BigQueryError, invalidQuery } from "../errors.ts";
import type { Definition, Reply, Request, Wire } from "./worker/messages.ts";

/** Worker threads evaluate JavaScript functions, so that the server answers meanwhile, whatever a function does. */
export interface Workers {
  /** A thread that knows no functions yet: an idle one, or a new one. */
  take(): Thread;
  /** Gives a thread back; one that is still busy is ended. */
  giveBack(thread: Thread): void;
  close(): Promise<void>;
}

export interface Thread {
  /**
   * Calls a function once for each row, after the calls asked for before; `columns` has the values of each argument.
   * @throws BigQueryError with what the function threw, or because of its time or its memory
   */
  call(
    key: string,
    definition: Definition,
    rows: number,
    columns: readonly Values[],
  ): Promise<Values>;
}

export type Values = readonly Wire[];

export interface WorkerLimits {
  /** How long one call of a function may take. */
  readonly callMs: number;
  /** Heap of a thread; buffers are not counted. */
  readonly heapMb: number;
}

/** BigQuery gives a function some minutes and, per worker, about this much memory. */
export const DEFAULT_LIMITS: WorkerLimits = { callMs: 300_000, heapMb: 256 };

/** A thread is started without the loader that runs this process, so it starts that by itself. */
const BOOT = `
  const { workerData } = require("node:worker_threads");
  require(workerData.loader).register();
  require(workerData.main);
`;

/** As many statements as run at a time: see the warehouse's slots. */
const KEPT_IDLE = 2;

interface OwnThread extends Thread {
  readonly busy: () => boolean;
  readonly reset: () => void;
  readonly end: () => Promise<unknown>;
}

export function createWorkers(limits: WorkerLimits = DEFAULT_LIMITS): Workers {
  const idle: OwnThread[] = [];
  const taken = new Map<Thread, OwnThread>();
  return {
    take() {
      const thread = idle.pop() ?? startThread(limits);
      taken.set(thread, thread);
      return thread;
    },
    giveBack(given) {
      const thread = taken.get(given);
      if (!thread) return;
      taken.delete(given);
      if (thread.busy() || idle.length >= KEPT_IDLE) {
        void thread.end();
        return;
      }
      thread.reset();
      idle.push(thread);
    },
    async close() {
      await Promise.all([...idle, ...taken.values()].map((thread) => thread.end()));
    },
  };
}

function startThread({ callMs, heapMb }: WorkerLimits): OwnThread {
  const worker = new Worker(BOOT, {
    eval: true,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
    workerData: {
      loader: createRequire(import.meta.url).resolve("tsx/cjs/api"),
      main: fileURLToPath(new URL("./worker/main.ts", import.meta.url)),
    },
  });
  // A statement that waits keeps the process alive by itself.
  worker.unref();
  const waiting = new Map<
    number,
    { done: (v: Values) => void; fail: (e: BigQueryError) => void }
  >();
  const known = new Set<string>();
  let lastId = 0;
  let ended: BigQueryError | undefined;
  let timer: NodeJS.Timeout | undefined;

  const send = (request: Request) => worker.postMessage(request);
  function endWith(error: BigQueryError): void {
    clearTimeout(timer);
    ended ??= error;
    for (const { fail } of waiting.values()) fail(ended);
    waiting.clear();
    void worker.terminate();
  }
  /** Starts the time of a call anew; nothing is measured while nothing runs. */
  function restartTimer(): void {
    clearTimeout(timer);
    if (waiting.size > 0) timer = setTimeout(() => endWith(timedOut()), callMs).unref();
  }

  worker.on("message", (reply: Reply) => {
    if (reply.kind !== "alive") {
      const caller = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.kind === "values") caller?.done(reply.values);
      else caller?.fail(invalidQuery(reply.message));
    }
    restartTimer();
  });
  worker.on("error", (error) => endWith(lost(error)));
  worker.on("exit", () => endWith(lost(undefined)));

  return {
    call(key, definition, rows, columns) {
      if (ended) return Promise.reject(ended);
      if (!known.has(key)) send({ kind: "define", key, definition });
      known.add(key);
      const id = ++lastId;
      send({ kind: "call", id, key, rows, columns });
      return new Promise((done, fail) => {
        waiting.set(id, { done, fail });
        if (waiting.size === 1) restartTimer();
      });
    },
    busy: () => waiting.size > 0 || ended !== undefined,
    reset() {
      known.clear();
      send({ kind: "reset" });
    },
    end() {
      endWith(lost(undefined));
      return worker.terminate();
    },
  };
}

function timedOut(): BigQueryError {
  return new BigQueryError(
    "resourcesExceeded",
    "Resources exceeded during query execution: UDF worker timed out during execution.",
  );
}

function lost(error: Error | undefined): BigQueryError {
  const isMemory = error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
  return isMemory
    ? new BigQueryError(
        "resourcesExceeded",
        "Resources exceeded during query execution: UDF out of memory.",
        { cause: error },
      )
    : new BigQueryError(
        "internalError",
        `The thread of a JavaScript function ended: ${error?.message ?? "stopped"}`,
        { cause: error },
      );
}
