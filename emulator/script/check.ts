import { BigQueryError } from "../errors.ts";
import { createProcedure } from "./calls.ts";
import { contextOf, type Machine } from "./machine.ts";
import { Unknowable } from "./rehearsal.ts";
import type { Body, Node } from "./tree.ts";
import { assignTargets, compileValue, declare, innerScope } from "./values.ts";

/**
 * What a dry run finds wrong in a script: checks its statements in order on a session that rehearses them. Where it
 * depends on data what comes next, it checks what certainly runs, and nothing behind a statement that may have changed what names mean.
 * @returns false when nothing is known of what follows
 * @throws BigQueryError of the first statement that is wrong; `state.failure` says where
 */
export async function checkBody(body: Body, machine: Machine): Promise<boolean> {
  for (const node of body) {
    try {
      if (!(await checkNode(node, machine))) return false;
    } catch (error) {
      if (error instanceof Unknowable) return false;
      if (error instanceof BigQueryError && machine.state.failure?.error !== error) {
        machine.state.failure = { error, statement: node.source };
      }
      throw error;
    }
  }
  return true;
}

async function checkNode(node: Node, machine: Machine): Promise<boolean> {
  switch (node.kind) {
    case "statement": {
      // What leaves names alone needs no rehearsal.
      const dryRun = keepsNames(node);
      await node.statement.run({ ...contextOf(machine), dryRun });
      return true;
    }
    case "declare":
      await declare(node.names, node.type, node.value, machine);
      return true;
    case "set":
      await assignTargets(node.targets, node.values, machine);
      return true;
    case "assert":
      await compileValue(node.condition, machine);
      return true;
    case "create_procedure":
      await createProcedure(node, machine);
      return true;
    case "begin":
    case "commit":
      return true;
    case "if": {
      const [first] = node.branches;
      if (first) await compileValue(first.condition, machine);
      return keepsNames(node);
    }
    case "while":
      await compileValue(node.condition, machine);
      return keepsNames(node);
    case "for":
      node.query.compile(contextOf(machine));
      return keepsNames(node);
    case "loop":
    case "repeat":
      return keepsNames(node);
    case "block":
      return node.handler ? keepsNames(node) : checkBody(node.body, innerScope(machine));
    default:
      return false;
  }
}

/** True when a statement certainly ends with all names meaning what they meant before, and lets the next one run. */
function keepsNames(node: Node): boolean {
  switch (node.kind) {
    case "statement":
      return /^(SELECT|INSERT|UPDATE|DELETE|MERGE|TRUNCATE_TABLE)$/.test(node.statement.type);
    case "set":
      return node.targets.every(({ system }) => !system);
    case "declare":
    case "assert":
    case "break":
    case "continue":
      return true;
    case "if":
      return [...node.branches.flatMap(({ body }) => body), ...node.otherwise].every(keepsNames);
    case "block":
      return [...node.body, ...(node.handler ?? [])].every(keepsNames);
    case "loop":
    case "while":
    case "repeat":
    case "for":
      return node.body.every(keepsNames);
    default:
      return false;
  }
}
