import type { Calendar } from "../calendar.ts";
import type { Cents } from "../money.ts";
import { between, chance, stream } from "../random.ts";
import { groupBy } from "./group.ts";
import type { Order, Person, Receipt, Shop } from "./types.ts";

/** One entry of a loyalty card's account. */
export interface PointMovement {
  readonly person: Person;
  readonly card: string;
  readonly at: number;
  readonly shop: Shop | null;
  readonly reason: "brought_forward" | "earned" | "returned" | "reward" | "replaced_card";
  readonly points: number;
  readonly amount: Cents;
  /** Number of the receipt; empty for movements without one. */
  readonly receipt: string;
}

const REWARD = 200;
const MINUTE = 60_000;

export interface PointInput {
  readonly seed: number;
  readonly calendar: Calendar;
  readonly people: readonly Person[];
  readonly receipts: readonly Receipt[];
}

type Draft = Omit<PointMovement, "person">;

/**
 * The account of every loyalty card, in the order of time: a point per whole euro paid at a till where the card was
 * shown, taken back when the goods come back; rewards of 200 points; what a lost card held goes to the new one. Cards
 * issued before the first day bring points forward. Staff earn nothing.
 */
export function movePoints({ seed, calendar, people, receipts }: PointInput): PointMovement[] {
  const byCard = groupBy(receipts.flatMap(earned), ({ card }) => card);
  const movements = people.flatMap((person) => {
    const random = stream(seed, "points", person.index);
    let balance = 0;
    return person.cards.flatMap((card): PointMovement[] => {
      const issued =
        card.day < 0 ? calendar.day(0).start : calendar.instant(calendar.day(card.day), 540);
      const own: Draft[] = [];
      const add = (movement: Draft) => {
        balance += movement.points;
        own.push(movement);
      };
      const opening = { card: card.number, at: issued, shop: null, amount: 0, receipt: "" };
      if (card.replaces !== null && balance !== 0) {
        const points = balance;
        add({ ...opening, card: card.replaces, reason: "replaced_card", points: -points });
        add({ ...opening, reason: "replaced_card", points });
      }
      if (card.replaces === null && card.day < 0)
        add({ ...opening, reason: "brought_forward", points: between(random, 0, 150) });
      for (const movement of byCard.get(card.number)?.sort((a, b) => a.at - b.at) ?? []) {
        add(movement);
        const { at, shop } = movement;
        if (balance < REWARD || movement.points <= 0 || !chance(random, 0.5)) continue;
        add({ ...opening, at: at + MINUTE, shop, reason: "reward", points: -REWARD });
      }
      return own.map((movement) => ({ ...movement, person }));
    });
  });
  return movements.sort((a, b) => a.at - b.at || a.person.index - b.person.index);
}

/** What a receipt does to the card shown with it. */
function earned({ key, at, document }: Receipt): Draft[] {
  const on = (named: Order["named"], reason: PointMovement["reason"], amount: Cents): Draft[] => {
    if (!named?.card) return [];
    const points = Math.trunc(amount / 100);
    const { shop, number } = key;
    return [{ card: named.card, at, shop, reason, points, amount, receipt: number }];
  };
  if (document.kind === "sale" && document.order.type === "consumer") {
    const { named, gross, discount } = document.order;
    return on(named, "earned", gross - discount);
  }
  if (document.kind !== "return" || document.refund.order.type === "staff") return [];
  const { named, total, exchange } = document.refund;
  const back = on(named, "returned", -total);
  return exchange ? [...back, ...on(named, "earned", exchange.gross - exchange.discount)] : back;
}
