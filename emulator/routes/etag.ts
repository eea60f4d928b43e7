import { createHash } from "node:crypto";
import { BigQueryError } from "../errors.ts";

/** The version of a resource: another one as soon as anything of its entry changes. */
export function etagOf(entry: object): string {
  return createHash("md5").update(JSON.stringify(entry)).digest("base64");
}

/** Throws `conditionNotMet` when a request is about another version than the one there is. */
export function checkEtag(ifMatch: string | undefined, entry: object): void {
  if (ifMatch === undefined || ifMatch === "*" || ifMatch.replaceAll('"', "") === etagOf(entry)) {
    return;
  }
  throw new BigQueryError("conditionNotMet", "Precondition check failed.");
}
