import { parentPort } from "node:worker_threads";
import { type Compiled, compile, failureOf } from "./function.ts";
import type { Reply, Request, Wire } from "./messages.ts";

/** The thread that runs the bodies of JavaScript functions: see ../workers.ts. */

/** How often a long block of calls says that it goes on. */
const ALIVE_MS = 500;

const functions = new Map<string, Compiled>();

parentPort?.on("message", (request: Request) => {
  switch (request.kind) {
    case "define":
      functions.set(request.key, compile(request.definition));
      break;
    case "call":
      reply(call(request));
      break;
    case "reset":
      functions.clear();
  }
});

// Starting the thread is no part of any call's time.
reply({ kind: "alive" });

function call({ id, key, rows, columns }: Extract<Request, { kind: "call" }>): Reply {
  const compiled = functions.get(key);
  if (!compiled) return { kind: "failure", id, message: `Function ${key} is not defined` };
  const values: Wire[] = [];
  let said = performance.now();
  try {
    for (let row = 0; row < rows; row++) {
      values.push(compiled(columns.map((column) => column[row] ?? null)));
      if (performance.now() - said < ALIVE_MS) continue;
      reply({ kind: "alive" });
      said = performance.now();
    }
    return { kind: "values", id, values };
  } catch (error) {
    return { kind: "failure", id, message: failureOf(error) };
  }
}

function reply(message: Reply): void {
  parentPort?.postMessage(message);
}
