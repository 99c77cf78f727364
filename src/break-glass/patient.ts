import { nhsNumberOf } from '../access/nhs-number.js';
import { exactRows, numberOfPatient } from '../loaders/exact.js';
import type { LoadContext } from '../loaders/load.js';
import type { Row } from '../loaders/rows.js';
import { exactColumnsOf, identifiedColumn } from '../schema/identified/declare.js';
import { eventsOfIdentified, IdentifiedPatient } from '../schema/identified/patient.js';
import { dimPatient } from '../warehouse/gold/dimensions.js';
import {
  type IdentifiedColumn,
  type IdentifiedPatientRow,
  type IdentifiedStore,
  identifiedPatient,
  identifiedStaff,
} from '../warehouse/identified.js';

/** What is asked of a patient: names of the fields, and of those of each list of events. */
export interface AskedOfPatient {
  readonly fields: readonly string[];
  readonly events: ReadonlyMap<string, readonly string[]>;
}

const columns = exactColumnsOf(IdentifiedPatient);

/** What was found of a patient, and how many rows it is. */
export interface FoundPatient {
  readonly patient: object;
  readonly rows: number;
}

/** Reads what is asked of the patient behind a key; undefined for a patient who is not current, or whose rows are denied. */
export async function readPatient(
  store: IdentifiedStore,
  key: Uint8Array,
  asked: AskedOfPatient,
  most: number,
  context: LoadContext,
): Promise<FoundPatient | undefined> {
  const number = await numberOfPatient(key, context);
  if (number === undefined) return undefined;
  const names = asked.fields.filter((name) => columns.has(name));
  const identity = await store.patient(
    context.handle.info.id,
    key,
    identityColumns(names, asked.fields.includes('ageYears')),
    context.signal,
  );
  if (!identity) return undefined;
  const lists = await Promise.all(
    [...asked.events].map(async ([field, of]) => {
      const events = eventsOfIdentified.get(field);
      if (!events) throw new Error(`there is no list ${field}`);
      const staff = of.filter((name) => events.columns.get(name)?.ofStaff);
      return { field, rows: await exactRows(events, number, of, most, context), staff };
    }),
  );
  const shown = names.map((name) => [name, shownOf(name, identity)] as const);
  return {
    patient: {
      ...Object.fromEntries(shown),
      ageYears: ageOn(context.handle.info.dataAsOf, identity.date_of_birth ?? null),
      ...Object.fromEntries(await withStaff(lists, store, context)),
    },
    rows: 1 + lists.reduce((sum, { rows }) => sum + rows.length, 0),
  };
}

/** Rows of a list of events; `staff` names their columns with keys of members of staff. */
interface EventList {
  readonly field: string;
  readonly rows: readonly Row[];
  readonly staff: readonly string[];
}

/** The lists by their fields, with codes of staff in place of their keys: asked for once for all of them. */
async function withStaff(
  lists: readonly EventList[],
  store: IdentifiedStore,
  { handle, signal }: LoadContext,
): Promise<[field: string, rows: readonly Row[]][]> {
  const keys = lists.flatMap(({ rows, staff }) =>
    rows.flatMap((row) => staff.flatMap((name) => (row[name] as Uint8Array | null) ?? [])),
  );
  const codes = (keys.length === 0 ? [] : await store.staff(handle.info.id, keys, signal)).values();
  const codeOf = (key: unknown): string | null => (key === null ? null : (codes.next().value ?? null));
  return lists.map(({ field, rows, staff }) => [
    field,
    staff.length === 0
      ? rows
      : rows.map((row) => ({
          ...row,
          ...Object.fromEntries(staff.map((name) => [name, codeOf(row[name])])),
        })),
  ]);
}

function identityColumns(names: readonly string[], withAge: boolean): IdentifiedColumn[] {
  const asked = names.flatMap((name) => {
    const column = columns.get(name);
    return column ? [identifiedColumn(column)] : [];
  });
  return [...new Set<IdentifiedColumn>([...asked, ...(withAge ? (['date_of_birth'] as const) : [])])];
}

function shownOf(name: string, identity: IdentifiedPatientRow): unknown {
  const column = columns.get(name);
  const value = column ? identity[identifiedColumn(column)] : undefined;
  return name === 'nhsNumber' ? nhsNumberOf(identity.nhs_number ?? null) : (value ?? null);
}

/** Whole years from a day of birth to a day, both ISO 8601; the birthday counts. */
function ageOn(day: string, born: string | null): number | null {
  if (born === null) return null;
  const years = Number(day.slice(0, 4)) - Number(born.slice(0, 4));
  return day.slice(5) < born.slice(5) ? years - 1 : years;
}

/** Tables and columns that are read for what is asked, as the audit names them. */
export function readFor(asked: AskedOfPatient): {
  readonly tables: readonly string[];
  readonly columns: readonly { readonly name: string; readonly class: string }[];
} {
  const own = asked.fields.map((name) => ({
    name: `IdentifiedPatient.${name}`,
    class: columns.get(name)?.sensitivity ?? (name === 'patientId' ? 'D' : 'Q'),
  }));
  const lists = [...asked.events].flatMap(([field, names]) => {
    const events = eventsOfIdentified.get(field);
    return names.map((name) => ({
      name: `${events?.type.name}.${name}`,
      class: events?.columns.get(name)?.sensitivity ?? 'S',
    }));
  });
  const tables = [...asked.events].flatMap(([field, names]) => {
    const events = eventsOfIdentified.get(field);
    const columnsOf = names.flatMap((name) => events?.columns.get(name) ?? []);
    return events
      ? [
          events.table.name,
          ...columnsOf.flatMap(({ table, ofStaff }) => [
            table,
            ...(ofStaff ? [`identified.${identifiedStaff.name}`] : []),
          ]),
        ]
      : [];
  });
  return {
    tables: [...new Set([`identified.${identifiedPatient.name}`, dimPatient.name, ...tables])],
    columns: [...own, ...lists].sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
