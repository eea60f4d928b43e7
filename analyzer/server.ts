import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { AnalyzerUnavailable, GoogleSqlError } from "./errors.ts";
import type { Installation } from "./install.ts";

/** One running server of GoogleSQL's reference implementation. */
export interface Server {
  /** Calls a method of its service; fields are in camel case, 64-bit integers are text, enums are names. */
  call(method: string, request: object): Promise<unknown>;
  close(): Promise<void>;
}

/** What is used of @grpc/grpc-js, which is there only once the room's package is installed. */
interface GrpcError {
  readonly code: number;
  readonly details: string;
}
type GrpcMethod = (
  request: object,
  options: { deadline: number },
  done: (error: GrpcError | null, response: unknown) => void,
) => void;
type GrpcClient = Readonly<Record<string, GrpcMethod>>;

const SERVICE = ["zetasql", "local_service", "ZetaSqlLocalService"];
const CALL_TIMEOUT_MS = 120_000;

/**
 * Ends the server when standard input ends: the server itself would outlive a process that was killed. The shell
 * hands over its input, since a command in the background would have none.
 */
const GUARD = `exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{ cat <&3 >/dev/null; kill -9 $server 2>/dev/null; } &
exec 3<&-
wait $server`;

/** Starts a server on a free port of this machine and waits until it listens. */
export async function startServer(installation: Installation): Promise<Server> {
  const { executable } = installation;
  const port = await freePort();
  const child = spawn("/bin/sh", ["-c", GUARD, "sh", executable, "127.0.0.1", String(port)], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  await listening(child);
  const { client, statusName, disconnect } = connect(installation, port);
  return {
    call: (method, request) =>
      new Promise((done, fail) => {
        const call = client[method];
        if (!call) return fail(new Error(`the analyzer's service has no method ${method}`));
        const deadline = Date.now() + CALL_TIMEOUT_MS;
        call.call(client, request, { deadline }, (error, response) => {
          if (error) fail(new GoogleSqlError(statusName(error.code), error.details));
          else done(response);
        });
      }),
    close: () =>
      new Promise((done) => {
        disconnect();
        if (child.exitCode !== null || child.signalCode !== null) return done();
        child.once("exit", () => done());
        child.stdin.end();
      }),
  };
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = address !== null && typeof address === "object" ? address.port : 0;
      probe.close(() => done(port));
    });
  });
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((done, fail) => {
    const failed = (cause?: unknown) =>
      fail(new AnalyzerUnavailable("the GoogleSQL analyzer does not start here", { cause }));
    child.once("error", failed);
    child.once("exit", () => failed());
    if (!child.stdout) return failed();
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith("Server listening")) done();
    });
  });
}

function connect({ packageFile, protoDir }: Installation, port: number) {
  const require = createRequire(packageFile);
  const grpc = require("@grpc/grpc-js");
  const definition = require("@grpc/proto-loader").loadSync("local_service.proto", {
    includeDirs: [protoDir],
    longs: String,
    enums: String,
  });
  const Service = SERVICE.reduce(
    (scope, name) => scope[name],
    grpc.loadPackageDefinition(definition),
  );
  const client = new Service(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  return {
    client: client as GrpcClient,
    statusName: (code: number): string => grpc.status[code] ?? String(code),
    disconnect: (): void => client.close(),
  };
}
