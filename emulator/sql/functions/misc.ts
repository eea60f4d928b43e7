import { duckdbType, formatType, INT64, quoteText, STRING } from "../types.ts";
import { apply } from "./body.ts";
import { defineFunctions } from "./define.ts";

export const misc = defineFunctions(
  {
    name: "GENERATE_UUID",
    signature: "GENERATE_UUID()",
    args: [0, 0],
    compile: () => ({ sql: "uuid()::VARCHAR", type: STRING }),
  },
  {
    name: "TYPEOF",
    signature: "TYPEOF(value)",
    args: [1, 1],
    compile: (call) => ({ sql: quoteText(formatType(call.arg(0).type)), type: STRING }),
  },
  {
    name: "ERROR",
    signature: "ERROR(message)",
    args: [1, 1],
    // The result takes the type of its surroundings, like a NULL.
    compile: (call) => {
      const message = `coalesce(${call.arg(0, "STRING").sql}, 'ERROR: NULL message')`;
      return {
        sql: apply(call, [message], (m) => `CAST(bq_raise(${m}) AS ${duckdbType(INT64)})`),
        type: INT64,
      };
    },
  },
);
