import { afterAll, beforeAll } from "vitest";
import { openStaleWorld, type StaleWorld } from "./stale-world.ts";
import { commands } from "./suites/commands.ts";
import { figures } from "./suites/figures.ts";
import { journeys } from "./suites/journeys.ts";
import { page } from "./suites/page.ts";

// One world for all: its night takes longer than the tests.
let opened: StaleWorld;
beforeAll(async () => {
  opened = await openStaleWorld();
});
afterAll(() => opened?.close());

const world = () => opened;
figures(world);
journeys(world);
commands(world);
page(world);
