import { chance, pick, type Random } from "../random.ts";
import type { AdPlatform } from "../world/settings.ts";
import type { Ad, Source, World } from "../world/types.ts";

/** How a platform's ads tag the landing page. */
interface Tagging {
  clickId(random: Random): string;
  /** `utm_source` and `utm_medium`; `otherwise`: as somebody once typed them by hand. */
  medium(random: Random, otherwise: boolean): string;
}

const scramble = (random: Random): string => Math.floor(random() * 2 ** 48).toString(36);
const plus = (text: string): string => encodeURIComponent(text).replaceAll("%20", "+");
const TAGGING: Readonly<Record<AdPlatform, Tagging>> = {
  meta: {
    clickId: (random) => `fbclid=IwY2xjawK${scramble(random)}${scramble(random)}`,
    medium: (random, otherwise) =>
      otherwise
        ? "utm_source=fb&utm_medium=cpc"
        : `utm_source=${chance(random, 0.55) ? "instagram" : "facebook"}&utm_medium=paid_social`,
  },
  google: {
    clickId: (random) => `gclid=Cj0KCQjw${scramble(random)}${scramble(random)}_BwE`,
    medium: (_, otherwise) =>
      otherwise ? "utm_source=adwords&utm_medium=ppc" : "utm_source=google&utm_medium=cpc",
  },
  tiktok: {
    clickId: (random) => `ttclid=E.C.P.${scramble(random)}${scramble(random)}`,
    medium: (_, otherwise) =>
      otherwise ? "utm_source=tik_tok&utm_medium=cpc" : "utm_source=tiktok&utm_medium=paid_social",
  },
};

function names({ campaign, name, isNamedInUrl }: Ad): string {
  if (!isNamedInUrl) return `&utm_id=${campaign.id}`;
  return `&utm_campaign=${campaign.name}&utm_id=${campaign.id}&utm_content=${plus(name)}`;
}

/** Query of the landing page: UTM and click id, as the ad platform and the mail tool write them. */
export function landingQuery(
  random: Random,
  source: Source,
  difficulty: World["settings"]["difficulty"],
): string {
  if (source.kind === "newsletter") {
    return `?utm_source=newsletter&utm_medium=email&utm_campaign=${source.campaign}&utm_content=${pick(random, ["testata", "prodotti", "saluto"])}`;
  }
  if (source.kind === "sms" || source.kind === "whatsapp") {
    return `?utm_source=${source.kind}&utm_medium=${source.kind}&utm_campaign=${source.campaign}`;
  }
  const { ad } = source;
  if (!ad) return "";
  const tagging = TAGGING[ad.platform];
  const style = random();
  const clickId = tagging.clickId(random);
  if (style < difficulty.adClicksWithoutUtm) return `?${clickId}`;
  const otherwise = style > 1 - difficulty.adClicksTaggedOtherwise;
  const utm = `${tagging.medium(random, otherwise)}${names(ad)}`;
  return chance(random, difficulty.adClicksWithoutClickId) ? `?${utm}` : `?${utm}&${clickId}`;
}
