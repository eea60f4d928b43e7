import { randomUUID } from "node:crypto";
import { BigQueryError } from "../errors.ts";
import type { OwnedSession } from "../warehouse/open-session.ts";
import type { QueryConfiguration } from "./configuration.ts";

/** BigQuery sessions: connections that outlive a job, with their temporary tables and variables. */
export interface Sessions {
  /**
   * Runs `work` on the session the query names or asks for, after the session's earlier jobs; without either,
   * on a connection of its own that is closed afterwards.
   */
  use<T>(
    query: QueryConfiguration,
    work: (session: OwnedSession, id?: string) => Promise<T>,
  ): Promise<T>;
  /** Ends all sessions; what their open transactions did is rolled back. */
  close(): Promise<void>;
}

interface OpenSession {
  readonly session: OwnedSession;
  /** The end of the session's last job: jobs of one session run one after another. */
  last: Promise<unknown>;
}

export function createSessions(openSession: () => Promise<OwnedSession>): Sessions {
  const open = new Map<string, OpenSession>();

  async function find(query: QueryConfiguration): Promise<string | undefined> {
    const id = query.connectionProperties?.find((p) => p.key === "session_id")?.value;
    if (id !== undefined) {
      if (open.has(id)) return id;
      throw new BigQueryError("invalid", "Invalid input session id.");
    }
    if (!query.createSession) return undefined;
    const created = randomUUID();
    open.set(created, { session: await openSession(), last: Promise.resolve() });
    return created;
  }

  return {
    async use(query, work) {
      const id = await find(query);
      const entry = id === undefined ? undefined : open.get(id);
      if (entry) {
        const result = entry.last.then(() => work(entry.session, id));
        entry.last = result.catch(() => undefined);
        return result;
      }
      const session = await openSession();
      try {
        return await work(session);
      } finally {
        await session.close();
      }
    },
    async close() {
      for (const { session, last } of open.values()) {
        await last;
        await session.close();
      }
      open.clear();
    },
  };
}
