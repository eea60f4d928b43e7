import type { FastifyInstance } from "fastify";

/**
 * The two answers of Google's metadata server that the auth library asks for: without them a client on a machine
 * without credentials cannot upload a file. The token means nothing.
 */
export function metadataServerRoutes(app: FastifyInstance): void {
  app.get("/computeMetadata/v1/instance", async (_request, reply) =>
    reply.header("Metadata-Flavor", "Google").type("text/plain").send("local\n"),
  );
  app.get("/computeMetadata/v1/instance/service-accounts/default/token", async (_request, reply) =>
    reply
      .header("Metadata-Flavor", "Google")
      .send({ access_token: "local", expires_in: 3600, token_type: "Bearer" }),
  );
}
