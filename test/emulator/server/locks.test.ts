import { expect, test } from "vitest";
import { createLocks } from "../../../emulator/warehouse/locks.ts";

/** Runs all promise callbacks that are due. */
const settled = () => new Promise((done) => setImmediate(done));

test("writers of one object are served in the order they came", async () => {
  const locks = createLocks();
  const [a, b, c] = [{}, {}, {}];
  const order: string[] = [];
  await locks.acquire(a, ["t"]);
  void locks.acquire(b, ["t"]).then(() => order.push("b"));
  void locks.acquire(c, ["t"]).then(() => order.push("c"));
  await settled();
  expect(order).toEqual([]);
  locks.release(a);
  await settled();
  expect(order).toEqual(["b"]);
  locks.release(b);
  await settled();
  expect(order).toEqual(["b", "c"]);
});

test("a holder asks again for what it has, and for more", async () => {
  const locks = createLocks();
  const a = {};
  await locks.acquire(a, ["t"]);
  await locks.acquire(a, ["u", "t"]);
  locks.release(a);
  await locks.acquire({}, ["t", "u"]);
});

test("those who ask once for the same objects in any order never wait for each other", async () => {
  const locks = createLocks();
  const work = async (names: string[]) => {
    const owner = {};
    await locks.acquire(owner, names);
    await settled();
    locks.release(owner);
  };
  await Promise.all([work(["x", "y"]), work(["y", "x"]), work(["y", "z", "x"]), work(["z", "x"])]);
});

test("a wait that could never end fails and names the object", async () => {
  const locks = createLocks();
  const [a, b] = [{}, {}];
  await locks.acquire(a, ["t"]);
  await locks.acquire(b, ["u"]);
  const waiting = locks.acquire(a, ["u"]);
  await expect(locks.acquire(b, ["t"])).rejects.toThrow("concurrent update against table t");
  locks.release(b);
  await waiting;
});

test("a cancelled wait ends with an error and keeps nobody waiting", async () => {
  const locks = createLocks();
  const [a, b, c] = [{}, {}, {}];
  await locks.acquire(a, ["t"]);
  const cancelled = locks.acquire(b, ["t"]);
  const next = locks.acquire(c, ["t"]);
  locks.abandon(b);
  await expect(cancelled).rejects.toMatchObject({ reason: "stopped" });
  locks.release(a);
  await next;
});

test("what is shared is held by many, and whoever wants it alone waits for all of them", async () => {
  const locks = createLocks();
  const [a, b, dropper, c] = [{}, {}, {}, {}];
  await locks.acquire(a, ["d.t"], ["d."]);
  await locks.acquire(b, ["d.u"], ["d."]);
  const order: string[] = [];
  void locks.acquire(dropper, ["d."], ["d."]).then(() => order.push("dropper"));
  locks.release(a);
  await settled();
  expect(order).toEqual([]);
  locks.release(b);
  await settled();
  expect(order).toEqual(["dropper"]);
  void locks.acquire(c, ["d.t"], ["d."]).then(() => order.push("c"));
  await settled();
  expect(order).toEqual(["dropper"]);
  locks.release(dropper);
  await settled();
  expect(order).toEqual(["dropper", "c"]);
});

test("two who share something and both want it alone do not wait for each other", async () => {
  const locks = createLocks();
  const [a, b] = [{}, {}];
  await locks.acquire(a, ["d.t"], ["d."]);
  await locks.acquire(b, ["d.u"], ["d."]);
  const waiting = locks.acquire(a, ["d."]);
  await expect(locks.acquire(b, ["d."])).rejects.toThrow("concurrent update");
  locks.release(b);
  await waiting;
});
