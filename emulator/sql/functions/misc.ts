import { LOCAL_USER } from "../../user.ts";
import { formatType, INT64, quoteText, STRING } from "../types.ts";
import { raiseText } from "./body.ts";
import { define, type FunctionDef } from "./define.ts";

export const misc: readonly FunctionDef[] = [
  define("GENERATE_UUID", "", [0, 0], () => ({ sql: "uuid()::VARCHAR", type: STRING })),
  define("TYPEOF", "value", [1, 1], (call) => ({
    sql: quoteText(formatType(call.arg(0).type)),
    type: STRING,
  })),
  define("SESSION_USER", "", [0, 0], () => ({ sql: quoteText(LOCAL_USER), type: STRING })),
  define("ERROR", "message", [1, 1], (call) => {
    const message = `coalesce(${call.arg(0, "STRING").sql}, 'ERROR was called with NULL')`;
    return { sql: raiseText(message, INT64), type: INT64, raises: message };
  }),
];
