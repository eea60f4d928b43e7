import type { Calendar, Day } from "../calendar.ts";
import { type Cents, vatInside } from "../money.ts";
import { between, chance, pick, type Random, stream, weighted } from "../random.ts";
import type { Settings } from "./settings.ts";
import type { OrderLine, Product } from "./types.ts";

const CLOTHES = ["XS", "S", "M", "L", "XL"];

const CATEGORIES = [
  {
    code: "CAM",
    name: "Camicie",
    noun: "Camicia",
    from: 39,
    to: 79,
    season: "all",
    sizes: CLOTHES,
  },
  { code: "TSH", name: "T-shirt", noun: "T-shirt", from: 15, to: 35, season: "PE", sizes: CLOTHES },
  { code: "ABI", name: "Abiti", noun: "Abito", from: 49, to: 149, season: "PE", sizes: CLOTHES },
  {
    code: "PAN",
    name: "Pantaloni",
    noun: "Pantaloni",
    from: 45,
    to: 95,
    season: "all",
    sizes: CLOTHES,
  },
  {
    code: "MAG",
    name: "Maglieria",
    noun: "Maglia",
    from: 45,
    to: 119,
    season: "AI",
    sizes: CLOTHES,
  },
  {
    code: "CAP",
    name: "Capispalla",
    noun: "Cappotto",
    from: 129,
    to: 329,
    season: "AI",
    sizes: CLOTHES,
  },
  {
    code: "SAR",
    name: "Sartoria",
    noun: "Cappotto doppio cachemire",
    from: 1090,
    to: 1490,
    season: "AI",
    sizes: CLOTHES,
  },
  { code: "SCI", name: "Accessori", noun: "Sciarpa", from: 19, to: 59, season: "AI", sizes: ["U"] },
  { code: "BOR", name: "Borse", noun: "Borsa", from: 49, to: 139, season: "all", sizes: ["U"] },
  {
    code: "CIN",
    name: "Accessori",
    noun: "Cintura",
    from: 19,
    to: 39,
    season: "all",
    sizes: ["85", "95", "105"],
  },
] as const;

/** Bare quotes and accents on purpose: tills print them as they are. */
const MODELS = [
  '"Brezza"',
  "Maestrale",
  '"Libeccio"',
  "Tramontana",
  "Ponentino",
  '"Scirocco"',
  "Grecale",
  "Aria",
  "Città",
  "Metà stagione",
];

export function makeCatalogue(seed: number, settings: Settings, calendar: Calendar): Product[] {
  const random = stream(seed, "products");
  const changes = settings.newPriceLists.map((date) => calendar.indexOf(date));
  let count = 0;
  return CATEGORIES.flatMap((category) =>
    MODELS.slice(0, category.code === "SAR" ? 2 : MODELS.length).map((model, index) => {
      const price = between(random, category.from, category.to) * 100 + 90;
      const own = stream(seed, "costs and new prices", count++);
      const code = `${category.code}-${String(index + 1).padStart(3, "0")}`;
      return {
        id: `p${code.toLowerCase().replace("-", "")}`,
        code,
        name: `${category.noun} ${model}`,
        category: category.name,
        slug: `${category.noun} ${model}`
          .toLowerCase()
          .normalize("NFD")
          .replace(/[^a-z ]/g, "")
          .replaceAll(" ", "-"),
        season: category.season,
        cost: Math.round(price * (0.28 + 0.12 * own())),
        prices: pricesOver(own, price, changes),
        sizes: category.sizes,
      };
    }),
  );
}

/** Each new list raises some prices by whole euro, so that all end in ,90. */
function pricesOver(random: Random, first: Cents, changes: readonly number[]): Product["prices"] {
  let price = first;
  return [
    { day: 0, price },
    ...changes.map((day) => {
      if (chance(random, 0.6)) price += 100 * Math.ceil((price / 100) * 0.08 * random());
      return { day, price };
    }),
  ];
}

export const sku = ({ product, size }: Pick<OrderLine, "product" | "size">): string =>
  `${product.code}-${size}`;

/** The list price on a day. */
export function priceOn(product: Product, day: number): Cents {
  let price = 0;
  for (const list of product.prices) if (list.day <= day) price = list.price;
  return price;
}

export interface Basket {
  readonly lines: OrderLine[];
  readonly gross: Cents;
  readonly discount: Cents;
}

/** Fills baskets that suit a day: its season, its sales. */
export function makeBaskets(catalogue: readonly Product[]) {
  const appeal = (season: "PE" | "AI") =>
    weighted(
      catalogue.map((product) => {
        const fits = product.season === "all" || product.season === season;
        return (fits ? 1 : 0.15) / Math.sqrt(priceOn(product, 0));
      }),
    );
  const summer = appeal("PE");
  const winter = appeal("AI");

  return (random: Random, day: Day): Basket => {
    const choice = day.month >= 3 && day.month <= 8 ? summer : winter;
    const count = 1 + (random() < 0.42 ? 1 : 0) + (random() < 0.14 ? 1 : 0);
    const lines: OrderLine[] = [];
    for (let i = 0; i < count; i++) {
      const product = catalogue[choice.draw(random)];
      if (!product || lines.some((line) => line.product === product)) continue;
      const quantity = chance(random, 0.06) ? 2 : 1;
      const percent = discountPercent(random, day);
      const price = priceOn(product, day.index);
      lines.push({
        product,
        size: pick(random, product.sizes),
        quantity,
        unit: price,
        discount: Math.round((price * quantity * percent) / 100),
      });
    }
    return {
      lines,
      gross: lines.reduce((sum, line) => sum + line.unit * line.quantity, 0),
      discount: lines.reduce((sum, line) => sum + line.discount, 0),
    };
  };
}

function discountPercent(random: Random, day: Day): number {
  const monthDay = day.date.slice(5);
  if (isSale(monthDay)) return pick(random, [20, 30, 30, 40]);
  if (monthDay >= "11-20" && monthDay <= "11-30") return pick(random, [0, 15, 25]);
  return chance(random, 0.06) ? 10 : 0;
}

/** The two legal sales of the year. */
export const isSale = (monthDay: string): boolean =>
  (monthDay >= "01-03" && monthDay <= "02-20") || (monthDay >= "07-04" && monthDay <= "08-25");

/** Sum of the VAT of each line, as a till prints it. */
export const taxByLine = (lines: readonly OrderLine[]): Cents =>
  lines.reduce((sum, line) => sum + vatInside(line.unit * line.quantity - line.discount), 0);
