import { invalidQuery } from "../errors.ts";
import { stopped } from "./errors.ts";

/**
 * Locks of whole objects by name: writers of one object queue. What several may hold at once is shared: those who write
 * into a dataset share it, and whoever drops it waits for them. A holder asks again to widen its set; a wait that would
 * close a circle of holders waiting for each other fails at once and names the object.
 */
export interface Locks {
  /**
   * Waits until `owner` holds all `names` alone, and all of `shared` with others who share them. Throws when waiting
   * would never end, or once it is abandoned.
   */
  acquire(owner: object, names: readonly string[], shared?: readonly string[]): Promise<void>;
  release(owner: object): void;
  /** Ends the owner's wait with an error: its job was cancelled. */
  abandon(owner: object): void;
}

interface Held {
  readonly owners: Set<object>;
  isShared: boolean;
}

interface Waiter {
  readonly name: string;
  readonly isShared: boolean;
  readonly granted: () => void;
  readonly fail: (error: Error) => void;
}

export function createLocks(): Locks {
  const holders = new Map<string, Held>();
  /** In order of arrival; an owner waits for one name at a time. */
  const waiting = new Map<object, Waiter>();

  /** Gives the name to the owner if nobody else's hold forbids it. */
  function take(owner: object, name: string, isShared: boolean): boolean {
    const held = holders.get(name);
    if (!held) {
      holders.set(name, { owners: new Set([owner]), isShared });
      return true;
    }
    const isAlone = held.owners.size === 1 && held.owners.has(owner);
    if (isAlone) held.isShared &&= isShared;
    else if (held.isShared && isShared) held.owners.add(owner);
    else return false;
    return true;
  }

  /** True when some chain holder → name it waits for → holder of that name … leads from the name to `owner`. */
  function closesCircle(owner: object, name: string, seen = new Set<object>()): boolean {
    for (const holder of holders.get(name)?.owners ?? []) {
      // Whoever shares the name with the owner is waited for like any other; the owner's own hold is no obstacle.
      if (seen.has(holder)) continue;
      seen.add(holder);
      const next = waiting.get(holder)?.name;
      if (next === undefined) continue;
      if (holders.get(next)?.owners.has(owner) || closesCircle(owner, next, seen)) return true;
    }
    return false;
  }

  async function acquireOne(owner: object, name: string, isShared: boolean): Promise<void> {
    if (take(owner, name, isShared)) return;
    if (closesCircle(owner, name)) {
      throw invalidQuery(`Transaction is aborted due to concurrent update against table ${name}`);
    }
    await new Promise<void>((granted, fail) =>
      waiting.set(owner, { name, isShared, granted, fail }),
    );
  }

  /** Serves those who wait for the name, in the order they came, as far as that goes. */
  function serve(name: string): void {
    for (const [owner, waiter] of [...waiting]) {
      if (waiter.name !== name) continue;
      if (!take(owner, name, waiter.isShared)) return;
      waiting.delete(owner);
      waiter.granted();
    }
  }

  return {
    async acquire(owner, names, shared = []) {
      const alone = new Set(names);
      // One order for everybody: two owners that ask once each can never wait for each other.
      for (const name of [...new Set([...names, ...shared])].sort())
        await acquireOne(owner, name, !alone.has(name));
    },
    release(owner) {
      for (const [name, held] of [...holders]) {
        if (!held.owners.delete(owner)) continue;
        if (held.owners.size === 0) holders.delete(name);
        serve(name);
      }
    },
    abandon(owner) {
      const waiter = waiting.get(owner);
      waiting.delete(owner);
      waiter?.fail(stopped());
    },
  };
}
