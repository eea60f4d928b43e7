import { type HubspotContact, type HubspotPortal, isForgotten } from "./hubspot-data.ts";

/** What a world's generation left in `vendors/`. */
export interface HubspotBooks {
  readonly portal: HubspotPortal;
  readonly contacts: readonly HubspotContact[];
}

/** A contact as it stands on a morning. */
export interface HubspotRecord {
  readonly id: string;
  readonly properties: Readonly<Record<string, string | null>>;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly archived: boolean;
  readonly archivedAt: string | null;
}

/**
 * The contacts in the order of their ids as on the morning after a day, by default the last one: neither what was created
 * or changed later, nor what has been absorbed or was archived long ago.
 */
export function recordsOn(
  { portal, contacts }: HubspotBooks,
  asOf: string | null,
): HubspotRecord[] {
  const today = asOf ?? portal.lastDay;
  return contacts
    .flatMap(({ id, states, archived, absorbed }): HubspotRecord[] => {
      const state = states.filter(({ day }) => day <= today).at(-1);
      if (!state || (absorbed && absorbed.day <= today)) return [];
      const isArchived = archived !== null && archived.day <= today;
      if (isArchived && isForgotten(archived.day, today)) return [];
      return [
        {
          id,
          properties: { ...state.properties, hs_object_id: id },
          createdAt: states[0]?.at ?? state.at,
          updatedAt: state.at,
          archived: isArchived,
          archivedAt: isArchived ? archived.at : null,
        },
      ];
    })
    .sort((a, b) => Number(a.id) - Number(b.id));
}
