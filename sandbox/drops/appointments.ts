import { join } from "node:path";
import { writeNdjson } from "../files.ts";
import type { SourceRecord } from "../truth.ts";
import type { Appointment, AppointmentUpdate } from "../world/appointments.ts";
import { groupBy } from "../world/group.ts";
import type { World } from "../world/types.ts";
import { writeCsv } from "./csv.ts";
import { iso } from "./segment-calls.ts";

const HEADER = [
  "Codice",
  "Servizio",
  "Negozio",
  "Inizio",
  "Fine",
  "Stato",
  "Contatto CRM",
  "Tessera",
  "E-mail",
  "Telefono",
  "Modificato il",
];

const STATUSES = {
  booked: "Prenotato",
  held: "Svolto",
  no_show: "Non presentato",
  cancelled: "Annullato",
} as const;

/**
 * The booking tool's export at the end of each month: the appointments that changed in it, as they stood then. One that
 * was booked in a month and held in the next is in both files, with a later change in the second.
 */
export function writeAppointments(
  world: World,
  dir: string,
  record: (row: SourceRecord) => void,
): number {
  const { appointments, calendar } = world;
  for (const { id, person, named } of appointments) {
    record({
      source: "appointments",
      key: id,
      person_id: person.id,
      email: named.email,
      phone: named.phone,
      loyalty_card: named.card,
      user_id: "",
      anonymous_id: "",
      ...(named.crmContact && { crm_contact_id: named.crmContact }),
      mistyped: false,
    });
  }
  const exported = appointments.flatMap((appointment) => {
    const byMonth = groupBy(appointment.updates, ({ at }) => calendar.local(at).slice(0, 7));
    return [...byMonth].flatMap(([month, updates]) => {
      const last = updates.at(-1);
      return last ? [{ month, appointment, update: last }] : [];
    });
  });
  const byFile = groupBy(exported, ({ month }) => month);
  for (const [month, rows] of byFile) {
    const lines = rows.map(({ appointment, update }) =>
      cells(world, appointment, update).join("\t"),
    );
    const path = join(dir, `appuntamenti_${month}.csv`);
    writeCsv(path, "windows-1252", [HEADER.join("\t"), ...lines]);
  }
  return byFile.size;
}

function cells({ calendar }: World, appointment: Appointment, update: AppointmentUpdate): string[] {
  const { id, shop, startsAt, endsAt, named } = appointment;
  const time = (at: number) => {
    const [date = "", clock = ""] = calendar.local(at).split("T");
    return `${date.split("-").reverse().join("/")} ${clock.slice(0, 5)}`;
  };
  return [
    id,
    "Personal shopper",
    shop.code,
    time(startsAt),
    time(endsAt),
    STATUSES[update.status],
    named.crmContact,
    named.card,
    named.email,
    named.phone,
    time(update.at),
  ];
}

/** `appointments.ndjson` of the truth: each appointment as it ended. */
export function writeAppointmentTruth({ appointments, calendar }: World, path: string): void {
  writeNdjson(
    path,
    appointments.map(({ id, person, shop, startsAt, updates }) => ({
      appointment_id: id,
      person_id: person.id,
      store: shop.code,
      starts_at: iso(startsAt),
      date: calendar.local(startsAt).slice(0, 10),
      status: updates.at(-1)?.status,
    })),
  );
}

/** Sums for `totals.json`: appointments by how they ended. */
export function appointmentTotals({ appointments }: World) {
  const ended = (status: AppointmentUpdate["status"]) =>
    appointments.filter(({ updates }) => updates.at(-1)?.status === status).length;
  return {
    count: appointments.length,
    booked: ended("booked"),
    held: ended("held"),
    no_show: ended("no_show"),
    cancelled: ended("cancelled"),
  };
}
