import { join } from "node:path";
import { italian } from "../money.ts";
import { sku } from "../world/products.ts";
import type { Shop, World } from "../world/types.ts";
import { italianDate, writeCsv } from "./csv.ts";

const SHOPS_HEADER =
  "Codice;Insegna;Negozio;Ragione sociale;Indirizzo;CAP;Città;Regione;Nazione;Telefono;E-mail;Apertura;Valido dal";

/** The list of shops: a whole new one whenever something about them changes. Returns how many. */
export function writeShops({ settings, calendar, shops }: World, dir: string): number {
  const changes = shops.flatMap((shop) => [listedFrom(shop), shop.moves?.day ?? ""]);
  const days = [...new Set([settings.firstDay, ...changes])]
    .filter((day) => day >= settings.firstDay && calendar.indexOf(day) < calendar.days.length)
    .sort();
  for (const day of days) {
    const listed = shops.filter((shop) => listedFrom(shop) <= day);
    const rows = listed.map((shop) => shopRow(shop, day));
    writeCsv(join(dir, `negozi_${day}.csv`), "utf8-bom", [SHOPS_HEADER, ...rows]);
  }
  return days.length;
}

const listedFrom = ({ listed, opens }: Shop): string => listed ?? opens;

function shopRow(shop: Shop, day: string): string {
  const moved = shop.moves && shop.moves.day <= day ? shop.moves : null;
  return [
    shop.code,
    shop.brand,
    shop.name,
    shop.legalEntity,
    moved?.street ?? shop.street,
    moved?.postalCode ?? shop.postalCode,
    shop.city,
    shop.region,
    "Italia",
    shop.phone,
    `${shop.code.toLowerCase()}@ventolana.example`,
    italianDate(shop.opens),
    italianDate(moved?.day ?? listedFrom(shop)),
  ].join(";");
}

const PRODUCTS_HEADER =
  "Articolo;Modello;Descrizione;Categoria;Stagione;Taglia;Listino €;Costo €;Valido dal";

/** The price lists, one row per SKU; each holds everything that is sold. Returns how many. */
export function writeProducts({ calendar, products }: World, dir: string): number {
  const days = (products[0]?.prices ?? []).map(({ day }) => day);
  days.forEach((day, list) => {
    const { date } = calendar.day(day);
    const rows = products.flatMap((product) =>
      product.sizes.map((size) =>
        [
          sku({ product, size }),
          product.code,
          product.name,
          product.category,
          product.season === "all" ? "CONTINUATIVO" : product.season,
          size,
          italian(product.prices[list]?.price ?? 0),
          italian(product.cost),
          italianDate(date),
        ].join(";"),
      ),
    );
    writeCsv(join(dir, `listino_${date}.csv`), "windows-1252", [PRODUCTS_HEADER, ...rows]);
  });
  return days.length;
}
