import { DataError } from "./errors.ts";

/**
 * Reads pages until there is no next cursor. The next request is built from the cursor's value, never from an address
 * in the answer: such an address names the vendor's host and may hold a token.
 * @throws DataError `repeated_cursor` when a page points to one already read: it would never end
 */
export async function* paginate<Page>(
  fetchPage: (cursor: string | undefined) => Promise<Page>,
  nextCursor: (page: Page) => string | undefined,
): AsyncGenerator<Page> {
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await fetchPage(cursor);
    yield page;
    cursor = nextCursor(page);
    if (cursor !== undefined && seen.has(cursor)) {
      throw new DataError("a page points back to a page that was already read", {
        reason: "repeated_cursor",
      });
    }
    if (cursor !== undefined) seen.add(cursor);
  } while (cursor !== undefined);
}
