import { stream } from "../random.ts";
import type { Settings } from "./settings.ts";
import type { Person } from "./types.ts";

/** What becomes of the newsletter of a day for a subscriber: only what is sent can cause or be clicked. */
export function newsletterFate(
  seed: number,
  { newsletter }: Settings,
  day: number,
  person: Person,
): "sent" | "bounced" | "held_out" {
  const fate = stream(seed, `newsletter ${day}`, person.index)();
  if (fate < newsletter.holdout) return "held_out";
  return fate < newsletter.holdout + newsletter.bounces ? "bounced" : "sent";
}
