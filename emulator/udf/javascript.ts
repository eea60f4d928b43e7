import { createHash } from "node:crypto";
import {
  BIGINT,
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBScalarFunction,
  type DuckDBType,
  type DuckDBVector,
} from "@duckdb/node-api";
import { type BigQueryError, invalidQuery, refused } from "../errors.ts";
import { formatType } from "../sql/types.ts";
import type { JavaScriptFunction } from "../warehouse/session.ts";
import { duckdbTypeOf, fromWire, toWire } from "./wire.ts";
import type { Definition } from "./worker/messages.ts";
import type { Thread, Values, Workers } from "./workers.ts";

/**
 * JavaScript functions inside DuckDB's statements.
 *
 * DuckDB calls a scalar function on the event loop and waits for its end, so a slow one would stop the whole server. A
 * call is therefore three: `start` hands a block of rows to a worker thread and returns a ticket for each row, DuckDB's
 * own thread sleeps and asks (`poll`) until the block is done, and `take` gives the tickets' values. Nothing is
 * evaluated twice, and none of the three takes longer than it takes to carry the values.
 */
export interface JavaScript {
  /** Makes a function known to the connection's database; once per database is enough. Throws for a wrong body. */
  register(connection: DuckDBConnection, fn: JavaScriptFunction): void;
  /** Evaluates the functions of one session's statements. */
  open(): Evaluation;
}

export interface Evaluation {
  /** SQL of a call, for statements of this session. */
  callSql(fn: JavaScriptFunction, args: readonly string[]): string;
  /** Runs a statement. When a function made it fail, its error is thrown instead of DuckDB's. */
  run<T>(statement: () => Promise<T>): Promise<T>;
  /** Fails the running statement's functions with `error`. */
  stop(error: BigQueryError): void;
  close(): void;
}

/** Rows under evaluation; `left` of them have not been taken. */
interface Block {
  readonly evaluation: OpenEvaluation;
  left: number;
  values?: Values;
}

interface OpenEvaluation {
  readonly id: number;
  readonly blocks: Set<number>;
  /** Statements that were begun and have not ended. */
  running: number;
  thread?: Thread;
  /** Why the running statement fails. */
  failure?: BigQueryError;
}

/** DuckDB's vectors are shorter. */
const BLOCK_ROWS = 4096;
/** Waits get longer by a tenth: 170 of them are a day, and the last is a tenth of all. */
const WAITS = 170;

/** The DuckDB name of a JavaScript function: the same for the same declaration. */
export function javascriptName(fn: JavaScriptFunction): string {
  const declaration = JSON.stringify([fn.name, fn.args, fn.returns, fn.body]);
  return `js_${createHash("sha256").update(declaration).digest("hex").slice(0, 24)}`;
}

/** True for DuckDB SQL with a call of a JavaScript function; also where a text only looks like one. */
export function callsJavaScript(sql: string): boolean {
  return /\bjs_[0-9a-f]{24}_take\(/.test(sql);
}

/** @param connection of the database; what it registers is there before any session */
export function createJavaScript(connection: DuckDBConnection, workers: Workers): JavaScript {
  const evaluations = new Map<number, OpenEvaluation>();
  const blocks = new Map<number, Block>();
  let lastEvaluation = 0;
  let lastBlock = 0;

  function start(fn: JavaScriptFunction): DuckDBScalarFunction {
    const definition = definitionOf(fn);
    const key = javascriptName(fn);
    const types = definition.args.map(({ type }) => type);
    return scalar(key, [BIGINT, ...types.map(duckdbTypeOf)], BIGINT, (input, output) => {
      const evaluation = evaluations.get(Number(input.getColumnVector(0).getItem(0)));
      if (!evaluation) throw new Error("The session of a JavaScript function has ended");
      const rows = input.rowCount;
      const columns = types.map((type, i) => {
        const vector = input.getColumnVector(i + 1);
        return Array.from({ length: rows }, (_, row) => toWire(vector.getItem(row), type));
      });
      const id = ++lastBlock;
      const block: Block = { evaluation, left: rows };
      blocks.set(id, block);
      evaluation.blocks.add(id);
      evaluation.thread ??= workers.take();
      evaluation.thread.call(key, definition, rows, columns).then(
        (values) => {
          block.values = values;
        },
        (error) => {
          evaluation.failure ??= error;
        },
      );
      for (let row = 0; row < rows; row++) output.setItem(row, BigInt(pending(id, row)));
    });
  }

  /** Tickets, and how long the caller has slept; tickets of a block that is done come back as done. */
  const poll = scalar("js_poll", [BIGINT, BIGINT], BIGINT, (input, output) => {
    const tickets = input.getColumnVector(0);
    for (let row = 0; row < input.rowCount; row++) {
      const { block, ticket } = find(tickets.getItem(row));
      output.setItem(row, BigInt(block.values ? done(ticket) : ticket));
    }
  });

  function take(fn: JavaScriptFunction): DuckDBScalarFunction {
    const name = `${javascriptName(fn)}_take`;
    return scalar(name, [BIGINT], duckdbTypeOf(fn.returns), (input, output) => {
      const tickets = input.getColumnVector(0);
      for (let row = 0; row < input.rowCount; row++) {
        const { id, block, index } = find(tickets.getItem(row));
        if (!block.values) throw new Error("A JavaScript function has not ended in time");
        output.setItem(row, fromWire(block.values[index] ?? null, fn.returns));
        block.left -= 1;
        if (block.left === 0) forget(id);
      }
    });
  }

  function find(value: unknown): { ticket: number; id: number; block: Block; index: number } {
    const ticket = Number(value);
    const position = ticket < 0 ? done(ticket) : ticket;
    const id = Math.floor(position / BLOCK_ROWS);
    const block = blocks.get(id);
    if (!block) throw new Error("The rows of a JavaScript function are gone");
    if (block.evaluation.failure) throw block.evaluation.failure;
    return { ticket, id, block, index: position % BLOCK_ROWS };
  }

  function forget(id: number): void {
    blocks.get(id)?.evaluation.blocks.delete(id);
    blocks.delete(id);
  }

  /** Whatever the statement has left: rows that nobody took, a thread. */
  function finish(evaluation: OpenEvaluation): void {
    for (const id of evaluation.blocks) forget(id);
    if (evaluation.thread) workers.giveBack(evaluation.thread);
    delete evaluation.thread;
    delete evaluation.failure;
  }

  connection.registerScalarFunction(poll);
  return {
    register(connection, fn) {
      checkSyntax(fn);
      connection.registerScalarFunction(start(fn));
      connection.registerScalarFunction(take(fn));
    },
    open() {
      const evaluation: OpenEvaluation = { id: ++lastEvaluation, blocks: new Set(), running: 0 };
      evaluations.set(evaluation.id, evaluation);
      return {
        callSql: (fn, args) => callSql(javascriptName(fn), [String(evaluation.id), ...args]),
        async run(statement) {
          evaluation.running += 1;
          try {
            return await statement();
          } catch (error) {
            throw evaluation.failure ?? error;
          } finally {
            evaluation.running -= 1;
            if (evaluation.running === 0) finish(evaluation);
          }
        },
        stop(error) {
          evaluation.failure = error;
        },
        close() {
          finish(evaluation);
          evaluations.delete(evaluation.id);
        },
      };
    },
  };
}

/** A ticket is a block and a row of it; below zero while the block is under evaluation. */
function pending(block: number, row: number): number {
  return -1 - (block * BLOCK_ROWS + row);
}

function done(ticket: number): number {
  return -1 - ticket;
}

/** Tickets wait in their own DuckDB thread. One row sleeps for its whole block, and only blocks that are not done wait. */
function callSql(name: string, args: readonly string[]): string {
  const isFirst = `(-1 - _s) % ${BLOCK_ROWS} = 0`;
  const nap = `coalesce(sleep_ms(CASE WHEN ${isFirst} THEN (1.1 ** _i)::BIGINT END)::BIGINT, 0)`;
  const step = `CASE WHEN _s < 0 THEN js_poll(_s, ${nap}) ELSE _s END`;
  const wait = `list_reduce(range(${WAITS}), lambda _s, _i: ${step}, _t)`;
  const ticket = `list_transform([${name}(${args.join(", ")})], lambda _t: CASE WHEN _t < 0 THEN ${wait} ELSE _t END)[1]`;
  return `${name}_take(${ticket})`;
}

/** Volatile: each call is evaluated once and for its own row, and the three functions of a call see the same rows. */
function scalar(
  name: string,
  parameterTypes: readonly DuckDBType[],
  returnType: DuckDBType,
  call: (input: DuckDBDataChunk, output: DuckDBVector) => void,
): DuckDBScalarFunction {
  return DuckDBScalarFunction.create({
    ...{ name, parameterTypes, returnType, volatile: true },
    // NULL arguments reach the function, as null.
    specialHandling: true,
    mainFunction(_info, input, output) {
      call(input, output);
      output.flush();
    },
  });
}

function definitionOf({ name, args, returns, body }: JavaScriptFunction): Definition {
  const typed = args.map((arg) => {
    if (!arg.type) throw refused(`ANY TYPE in a JavaScript function (argument ${arg.name})`);
    return { name: arg.name, type: arg.type };
  });
  return { name, args: typed, returns, body };
}

/** Parses the body and the names of its arguments, runs nothing. */
function checkSyntax({ name, args, body }: JavaScriptFunction): void {
  const names = args.map((arg) => arg.name);
  try {
    new Function(...names, body);
  } catch (error) {
    const types = args.map(({ type }) => (type ? formatType(type) : "ANY TYPE")).join(", ");
    throw invalidQuery(`${String(error)} at ${name}(${types})`, undefined, error);
  }
}
