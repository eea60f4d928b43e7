import { parseArgs } from "node:util";
import * as script from "./script/run.ts";
import { startServer } from "./server.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    port: { type: "string" },
    project: { type: "string" },
    location: { type: "string" },
    memory: { type: "string" },
  },
});
if (!values.data) throw new Error("--data DIR is required");
const server = await startServer({
  dataDir: values.data,
  port: Number(values.port ?? 0),
  runScript: (script as { runScript: typeof script.runScript }).runScript,
});
console.log(server.url);
