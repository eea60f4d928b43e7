import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import fastifyStatic from "@fastify/static";
import Fastify, { type FastifyInstance } from "fastify";
import { type ApiSettings, apiRoutes } from "./api.ts";
import type { Marts } from "./queries/marts.ts";

const ECHARTS = join(
  dirname(createRequire(import.meta.url).resolve("echarts/package.json")),
  "dist",
);

/** Only this machine's browser may ask. Another name in `Host` is a page elsewhere that points its name here. */
const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

const HEADERS = {
  "content-security-policy":
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

export interface DashboardOptions extends ApiSettings {
  readonly marts: Marts;
  /** Any free one by default. */
  readonly port?: number;
}

export interface Dashboard {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the page on this machine only, until closed. @throws where the port is taken */
export async function serveDashboard(options: DashboardOptions): Promise<Dashboard> {
  const app = Fastify({ logger: false, forceCloseConnections: true });
  guard(app);
  apiRoutes(app, options.marts, options);
  await app.register(fastifyStatic, { root: join(import.meta.dirname, "page") });
  await app.register(fastifyStatic, { root: ECHARTS, prefix: "/echarts/", decorateReply: false });
  const url = await app.listen({ host: "127.0.0.1", port: options.port ?? 0 });
  return { url, close: () => app.close() };
}

function guard(app: FastifyInstance): void {
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(HEADERS);
    if (!LOOPBACK_HOST.test(request.headers.host ?? "")) {
      await reply.code(403).send({ error: "This page answers on this machine only." });
    }
  });
}
