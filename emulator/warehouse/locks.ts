import { invalidQuery } from "../errors.ts";
import { stopped } from "./errors.ts";

/**
 * Locks of whole objects by name: writers of one object queue. A holder asks again to widen its set; a wait that
 * would close a circle of holders waiting for each other fails at once and names the object.
 */
export interface Locks {
  /** Waits until `owner` holds all `names`. Throws when waiting would never end, or once it is abandoned. */
  acquire(owner: object, names: readonly string[]): Promise<void>;
  release(owner: object): void;
  /** Ends the owner's wait with an error: its job was cancelled. */
  abandon(owner: object): void;
}

interface Waiter {
  readonly name: string;
  readonly granted: () => void;
  readonly fail: (error: Error) => void;
}

export function createLocks(): Locks {
  const holders = new Map<string, object>();
  /** In order of arrival; an owner waits for one name at a time. */
  const waiting = new Map<object, Waiter>();

  /** True when the chain holder → name it waits for → holder of that name … leads back to `owner`. */
  function closesCircle(owner: object, name: string): boolean {
    let holder = holders.get(name);
    while (holder !== undefined && holder !== owner) {
      const next = waiting.get(holder)?.name;
      holder = next === undefined ? undefined : holders.get(next);
    }
    return holder === owner;
  }

  async function acquireOne(owner: object, name: string): Promise<void> {
    const holder = holders.get(name);
    if (holder === owner) return;
    if (holder === undefined) {
      holders.set(name, owner);
      return;
    }
    if (closesCircle(owner, name)) {
      throw invalidQuery(`Transaction is aborted due to concurrent update against table ${name}`);
    }
    await new Promise<void>((granted, fail) => waiting.set(owner, { name, granted, fail }));
  }

  return {
    async acquire(owner, names) {
      // One order for everybody: two owners that ask once each can never wait for each other.
      for (const name of [...new Set(names)].sort()) await acquireOne(owner, name);
    },
    release(owner) {
      for (const [name, holder] of [...holders]) {
        if (holder !== owner) continue;
        holders.delete(name);
        const next = [...waiting].find(([, waiter]) => waiter.name === name);
        if (!next) continue;
        waiting.delete(next[0]);
        holders.set(name, next[0]);
        next[1].granted();
      }
    },
    abandon(owner) {
      const waiter = waiting.get(owner);
      waiting.delete(owner);
      waiter?.fail(stopped());
    },
  };
}
