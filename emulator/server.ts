import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import Fastify, { type FastifyInstance } from "fastify";
import type { Context } from "./context.ts";
import { BigQueryError } from "./errors.ts";
import { otherProject } from "./jobs/names.ts";
import type { RunScript } from "./jobs/query.ts";
import { createRegistry } from "./jobs/registry.ts";
import { createSessions } from "./jobs/sessions.ts";
import { readJsonBodies } from "./routes/body.ts";
import { datasetRoutes } from "./routes/datasets.ts";
import { type DescribeError, errorBody, errorDescriber } from "./routes/errors.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { metadataServerRoutes } from "./routes/metadata-server.ts";
import { projectRoutes } from "./routes/projects.ts";
import { queryRoutes } from "./routes/queries.ts";
import { refusedMethod, refusedRoutes } from "./routes/refused.ts";
import type { Params } from "./routes/request.ts";
import { routineRoutes } from "./routes/routines.ts";
import { tabledataRoutes } from "./routes/tabledata.ts";
import { tableRoutes } from "./routes/tables.ts";
import { uploadRoutes } from "./routes/uploads.ts";
import type { WorkerLimits } from "./udf/workers.ts";
import { openWarehouse } from "./warehouse/warehouse.ts";

export interface ServerOptions {
  readonly dataDir: string;
  /** 0 or absent: one the system gives. */
  readonly port?: number;
  /** The one project; "local" by default. */
  readonly project?: string;
  /** Location of datasets and jobs whose request names none; "EU" by default. */
  readonly location?: string;
  /** DuckDB's memory limit, such as "512MB". */
  readonly memoryLimit?: string;
  /** What statements may put on the disk beside their tables, such as "50GB". */
  readonly spillLimit?: string;
  /** What JavaScript functions may take. */
  readonly javascript?: Partial<WorkerLimits>;
  readonly runScript: RunScript;
  /** What `GET /` answers with: the owner's proof that this is its server. */
  readonly token?: string;
  /** Told when DuckDB has stopped for good; without it the process would answer errors for ever. */
  readonly onFatal?: (error: Error) => void;
}

export interface Server {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/** The names of this machine in a Host header. */
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/** Opens the warehouse of a folder and serves it on loopback. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { dataDir, project = "local", location = "EU", runScript } = options;
  const warehouse = await openWarehouse(dataDir, project, options);
  const uploads = join(dataDir, "uploads");
  await rm(uploads, { recursive: true, force: true });
  await mkdir(uploads, { recursive: true });
  const describe = errorDescriber(options.onFatal ?? (() => {}));
  const context: Context = {
    ...{ project, location, uploads, warehouse, runScript },
    jobs: createRegistry((result) => warehouse.dropResult(result), describe),
    sessions: createSessions(() => warehouse.openSession()),
  };
  const app = createApp(context, describe, options.token ?? "");
  await app.listen({ host: "127.0.0.1", port: options.port ?? 0 });
  const address = app.server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      app.server.closeAllConnections();
      await app.close();
      for (const job of context.jobs.list()) job.cancel();
      await Promise.all(context.jobs.list().map((job) => job.done));
      await context.sessions.close();
      await warehouse.close();
    },
  };
}

function createApp(context: Context, describe: DescribeError, token: string): FastifyInstance {
  const app = Fastify({
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 2048 },
    // A URL that cannot be read reaches no route.
    frameworkErrors: (error, _request, reply) => {
      const described = describe(error);
      reply.raw.writeHead(described.httpStatus, { "content-type": "application/json" });
      reply.raw.end(JSON.stringify(errorBody(described)));
    },
  });
  app.setErrorHandler((error, _request, reply) => {
    const described = describe(error);
    return reply.code(described.httpStatus).send(errorBody(described));
  });
  app.setNotFoundHandler((request) => {
    const path = request.url.split("?")[0] ?? "";
    const message = `Not found: ${request.method} ${path} is not served by the emulator`;
    throw refusedMethod(path) ?? new BigQueryError("notFound", message);
  });
  app.addHook("onRequest", async ({ headers }) => {
    // Pages in a browser may not reach the warehouse: not as another site, not by a name that points here.
    if (headers.origin !== undefined || !LOOPBACK.test(headers.host ?? "")) {
      throw new BigQueryError(
        "accessDenied",
        "Access Denied: the emulator answers programs of this machine only",
      );
    }
  });
  app.addHook("preHandler", async (request) => {
    const { project } = request.params as Partial<Params>;
    if (project !== undefined && project !== context.project) throw otherProject(project);
  });
  readJsonBodies(app);
  app.get("/", async () => ({ emulator: "bigquery", token }));
  metadataServerRoutes(app);
  for (const prefix of ["", "/bigquery/v2"]) {
    app.register(
      async (scope) => {
        for (const routes of [
          projectRoutes,
          datasetRoutes,
          tableRoutes,
          tabledataRoutes,
          routineRoutes,
          jobRoutes,
          queryRoutes,
          refusedRoutes,
        ]) {
          routes(scope, context);
        }
      },
      { prefix },
    );
  }
  for (const prefix of ["/upload", "/upload/bigquery/v2", "/resumable/upload/bigquery/v2"]) {
    app.register(async (scope) => uploadRoutes(scope, context), { prefix });
  }
  return app;
}
