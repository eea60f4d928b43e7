import { formatType, INT64, quoteText, STRING } from "../types.ts";
import { raiseText } from "./body.ts";
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
    compile: (call) => {
      if (call.safe) return { sql: "CAST(NULL AS BIGINT)", type: INT64 };
      const message = `coalesce(${call.arg(0, "STRING").sql}, 'ERROR was called with NULL')`;
      return { sql: raiseText(message, INT64), type: INT64, raises: message };
    },
  },
);
