import type { FastifyInstance, HTTPMethods } from "fastify";
import { refused } from "../errors.ts";

const DATASET = "/projects/:project/datasets/:dataset";
const POLICIES = `${DATASET}/tables/:table/rowAccessPolicies`;

/** Calls of BigQuery's REST API that the emulator has no answer to: methods, path, what is refused, what to use. */
const REFUSED: readonly (readonly [HTTPMethods[], string, string, string?])[] = [
  [["GET"], `${DATASET}/models`, "machine learning models"],
  [["GET", "PATCH", "DELETE"], `${DATASET}/models/:model`, "machine learning models"],
  [["GET", "POST"], POLICIES, "row access policies"],
  [["GET", "PUT", "DELETE"], `${POLICIES}/:policy`, "row access policies"],
  [["POST"], `${DATASET}/routines`, "routines.insert", "CREATE FUNCTION or CREATE PROCEDURE"],
  [["PUT"], `${DATASET}/routines/:routine`, "routines.update", "CREATE OR REPLACE"],
];

export function refusedRoutes(app: FastifyInstance): void {
  for (const [method, url, what, instead] of REFUSED) {
    app.route({
      method,
      url,
      handler: () => {
        throw refused(what, undefined, instead);
      },
    });
  }
}

/**
 * The refusal of a method that is written behind a colon, such as `tables/t:getIamPolicy` or `datasets/d:undelete`;
 * undefined for any other path.
 */
export function refusedMethod(path: string): Error | undefined {
  const name = path.match(/:([a-zA-Z]+)$/)?.[1];
  return name === undefined ? undefined : refused(`the method ${name}`);
}
