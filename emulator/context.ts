import type { RunScript } from "./jobs/query.ts";
import type { Registry } from "./jobs/registry.ts";
import type { Sessions } from "./jobs/sessions.ts";
import type { Warehouse } from "./warehouse/warehouse.ts";

/** What every route works with. */
export interface Context {
  /** The one project this server has. */
  readonly project: string;
  /** Location of datasets and jobs whose request names none. */
  readonly location: string;
  /** Folder of files on their way in. */
  readonly uploads: string;
  readonly warehouse: Warehouse;
  readonly jobs: Registry;
  readonly sessions: Sessions;
  readonly runScript: RunScript;
}
