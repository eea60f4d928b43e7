import type { Catalogue, Session } from "../warehouse/session.ts";

/** What a rehearsal would have to execute to know. */
export class Unknowable extends Error {}

/**
 * A session on which statements are tried: they see what is there and what the statements before them would have left,
 * and nothing is executed or kept.
 */
export function rehearse(session: Session): Session {
  const { tables, functions, variables } = session.temporary;
  return {
    ...session,
    catalogue: rehearsedCatalogue(session.catalogue),
    temporary: {
      tables: new Map(tables),
      functions: new Map(functions),
      variables: new Map(variables),
    },
    run: async () => ({ rowsChanged: 0 }),
    async rows(sql) {
      // The variables have no values.
      if (/getvariable/i.test(sql)) throw new Unknowable();
      return session.rows(sql).catch(() => Promise.reject(new Unknowable()));
    },
    lock: async () => {},
    releaseLocks: () => {},
    atomic: (work) => work(),
    begin: async () => {},
    commit: async () => {},
    rollback: async () => {},
  };
}

/** Entries by name over those of a catalogue; undefined for what was dropped. */
function over<N, E>(found: (name: N) => E | undefined) {
  const changed = new Map<string, E | undefined>();
  const key = (name: N) => JSON.stringify(name);
  return {
    find: (name: N) => (changed.has(key(name)) ? changed.get(key(name)) : found(name)),
    put: async (name: N, entry?: E) => void changed.set(key(name), entry),
    /** Those of `committed`, and the changed ones that belong to them. */
    list(committed: readonly E[], nameOf: (entry: E) => N, belongs: (entry: E) => boolean) {
      const kept = committed.filter((entry) => !changed.has(key(nameOf(entry))));
      const ours = [...changed.values()].flatMap((entry) => (entry ? [entry] : []));
      return [...kept, ...ours.filter(belongs)];
    },
  };
}

type DatasetName = readonly [project: string, dataset: string];

function rehearsedCatalogue(catalogue: Catalogue): Catalogue {
  const datasets = over(([project, dataset]: DatasetName) => catalogue.dataset(project, dataset));
  const tables = over(catalogue.table);
  const routines = over(catalogue.routine);
  return {
    dataset: (project, dataset) => datasets.find([project, dataset]),
    datasets: (project) =>
      datasets.list(
        catalogue.datasets(project),
        (entry) => [entry.project, entry.dataset],
        (entry) => entry.project === project,
      ),
    table: tables.find,
    tables: (project, dataset) =>
      tables.list(
        catalogue.tables(project, dataset),
        ({ name }) => name,
        ({ name }) => name.project === project && name.dataset === dataset,
      ),
    routine: routines.find,
    routines: (project, dataset) =>
      routines.list(
        catalogue.routines(project, dataset),
        ({ name }) => name,
        ({ name }) => name.project === project && name.dataset === dataset,
      ),
    putDataset: (entry) => datasets.put([entry.project, entry.dataset], entry),
    dropDataset: (project, dataset) => datasets.put([project, dataset]),
    putTable: (entry) => tables.put(entry.name, entry),
    dropTable: (name) => tables.put(name),
    putRoutine: (entry) => routines.put(entry.name, entry),
    dropRoutine: (name) => routines.put(name),
  };
}
