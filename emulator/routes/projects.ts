import type { FastifyInstance } from "fastify";
import type { Context } from "../context.ts";
import { LOCAL_USER } from "../user.ts";

/** The one project, for clients that show a list of them, and the account that no one asks a password of. */
export function projectRoutes(app: FastifyInstance, { project }: Context): void {
  app.get("/projects", async () => ({
    kind: "bigquery#projectList",
    projects: [
      {
        kind: "bigquery#project",
        id: project,
        numericId: "0",
        projectReference: { projectId: project },
        friendlyName: project,
      },
    ],
    totalItems: 1,
  }));
  app.get("/projects/:project/serviceAccount", async () => ({
    kind: "bigquery#getServiceAccountResponse",
    email: LOCAL_USER,
  }));
}
