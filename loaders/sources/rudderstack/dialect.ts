import { type Dialect, type JsonObject, objectOf } from "../../core/cdp/calls.ts";
import { truncateIp } from "../../core/pii.ts";

/** In what RudderStack's calls differ from Segment's; names of events and properties are the same. */
export const rudderstackDialect: Dialect = {
  normalise(call) {
    if (call.type === "identify") takeTraits(call);
    if (typeof call.request_ip === "string") call.request_ip = truncateIp(call.request_ip);
  },
  /** Consents are ids in a list of what was allowed or of what was denied. */
  consentOf(context, category) {
    const { allowedConsentIds, deniedConsentIds } = objectOf(context.consentManagement);
    if (holds(deniedConsentIds, category)) return false;
    return holds(allowedConsentIds, category) ? true : undefined;
  },
};

const holds = (list: unknown, id: string): boolean => Array.isArray(list) && list.includes(id);

/** The traits of an identify call lie in its context, which later calls repeat; servers put them beside it. */
function takeTraits(call: JsonObject): void {
  const { traits, ...context } = objectOf(call.context);
  if (traits === undefined) return;
  call.context = context;
  call.traits = { ...objectOf(traits), ...objectOf(call.traits) };
}
