import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { terminalProgress } from "../../scripts/progress.ts";

test("a terminal of no width gets plain lines, and the step ends", async () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 0 });
  const value = await terminalProgress(stream as unknown as NodeJS.WriteStream).step(
    "Loading",
    async (update) => {
      update("3 rows");
      return 7;
    },
  );
  expect(value).toBe(7);
  expect(String(stream.read())).toMatch(/^- Loading\n✔ Loading: 3 rows \(\d+\.\d s\)\n$/);
});
