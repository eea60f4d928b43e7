import { z } from "zod";

const target = z.object({ database: z.string(), schema: z.string(), name: z.string() });

const descriptor = z
  .object({
    description: z.string().default(""),
    columns: z
      .array(z.object({ path: z.array(z.string()), description: z.string().default("") }))
      .default([]),
  })
  .default({ description: "", columns: [] });

const action = z.object({
  target,
  fileName: z.string(),
  disabled: z.boolean().default(false),
  dependencyTargets: z.array(target).default([]),
  actionDescriptor: descriptor,
});

const statements = z.array(z.string()).default([]);

const table = action.extend({
  type: z.string(),
  query: z.string().default(""),
  preOps: statements,
  postOps: statements,
  incrementalQuery: z.string().default(""),
  incrementalPreOps: statements,
  incrementalPostOps: statements,
  bigquery: z
    .object({ partitionBy: z.string().default(""), clusterBy: z.array(z.string()).default([]) })
    .default({ partitionBy: "", clusterBy: [] }),
});

/** What `dataform compile --json` prints, as far as it is checked. */
export const compiledGraph = z.object({
  tables: z.array(table).default([]),
  operations: z
    .array(action.extend({ queries: statements, hasOutput: z.boolean().default(false) }))
    .default([]),
  assertions: z
    .array(action.extend({ query: z.string().default(""), parentAction: target.optional() }))
    .default([]),
  tests: z
    .array(
      z.object({
        name: z.string(),
        fileName: z.string(),
        testQuery: z.string(),
        expectedOutputQuery: z.string(),
      }),
    )
    .default([]),
  declarations: z.array(z.object({ target })).default([]),
});

export type Graph = z.infer<typeof compiledGraph>;
export type Target = z.infer<typeof target>;

/** `project.dataset.name` */
export const fullName = ({ database, schema, name }: Target): string =>
  `${database}.${schema}.${name}`;
