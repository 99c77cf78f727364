import type { Role } from '../../src/access/role.js';
import type { RowQuestion } from '../../src/loaders/question.js';
import { bucketOf, daysFrom, london, plus } from './calendar.js';
import { comparable, holds } from './holds.js';
import type { Cell } from './insert.js';
import {
  dataAsOf,
  destinations,
  type Facts,
  hrgs,
  methods,
  type PeopleWorld,
  specialties,
  trustNames,
} from './people-world.js';

/** What a role sees of rows of people, computed in plain code from the access model, apart from the product's own. */
export interface SeenRow {
  readonly patient: number;
  readonly values: Facts;
}

const clinical: readonly Role[] = ['analyst', 'clinician'];

/** Values by column, for the columns that the role has. */
type Columns = Record<string, readonly [roles: readonly Role[], value: (role: Role) => Cell]>;

const all: readonly Role[] = ['analyst', 'finance', 'clinician'];
const seenDay = (role: Role, day: Cell): Cell =>
  day === null
    ? null
    : role === 'clinician'
      ? day
      : bucketOf(role === 'analyst' ? 'WEEK' : 'MONTH', String(day));
const least = (value: Cell, limit: Cell | undefined): Cell =>
  value === null ? null : Number(value) > Number(limit) ? (limit ?? null) : value;
const quarter = (value: Cell, limit: Cell | undefined): Cell => {
  const cut = least(value, limit);
  return cut === null ? null : Math.floor((Number(cut) + 7) / 15) * 15;
};
const tenPounds = (value: Cell, limit: Cell | undefined): Cell => {
  const cut = least(value, limit);
  return cut === null ? null : `${Math.floor((Math.round(Number(cut) * 100) + 500) / 1000) * 10}.00`;
};
const three = (code: Cell): Cell => (code === null ? null : String(code).slice(0, 3));
const text = (value: Cell | undefined): Cell => value ?? null;

export class PeopleOracle {
  constructor(private readonly world: PeopleWorld) {}

  /** The rows of a dataset in the scope of a role, unordered. `own`: trusts of the grant, or null for all. */
  rows(dataset: string, role: Role, own: readonly string[] | null, asOf?: string): SeenRow[] {
    const known = this.knownAt(asOf);
    const facts = this.facts(dataset, known);
    const open = new Set(
      this.world.patients.filter((one) => one['is_restricted'] !== true).map((one) => one['patient_no']),
    );
    const inScope = facts.rows.filter((row) => {
      if (!open.has(row['patient_no']!)) return false;
      if (own === null) return true;
      if (facts.hasTrust) return own.includes(String(row['trust_code']));
      if (dataset === 'patients') return this.seenAt(row['patient_no']!, own, () => true);
      return role === 'clinician' && this.seenAt(row['patient_no']!, own, inCare);
    });
    return inScope.map((row) => ({
      patient: Number(row['patient_no']),
      values: Object.fromEntries(
        Object.entries(this.columns(dataset, row, inScope, known)).flatMap(([name, [roles, value]]) =>
          roles.includes(role) ? [[name, value(role)]] : [],
        ),
      ),
    }));
  }

  /** Dimensions at the end of a local day, or as they are. Keys and the mark of restricted patients are those of now. */
  private knownAt(asOf: string | undefined): Known {
    const { patients, practices, versions } = this.world;
    if (asOf === undefined) return { patients, practices, trustNames };
    const held = (rows: readonly Facts[]): Facts[] =>
      rows.filter(
        ({ valid_from: from, valid_to: to }) =>
          london(Number(from)).day <= asOf && (to === null || london(Number(to)).day > asOf),
      );
    const current = new Map(patients.map((row) => [row['patient_no'], row]));
    return {
      patients: held(versions.patients).map((row) => {
        const now = current.get(row['patient_no']!)!;
        return { ...row, patient_sk: now['patient_sk']!, is_restricted: now['is_restricted']! };
      }),
      practices: held(versions.practices),
      trustNames: Object.fromEntries(
        held(versions.trusts).map((row) => [row['trust_code'], row['trust_name'] as string | null]),
      ),
    };
  }

  private seenAt(patient: Cell, own: readonly string[], which: (stay: Stay) => boolean): boolean {
    const stays: Stay[] = [
      ...this.world.spells.map((row) => ({ row, ended: row['discharge_date'] as string | null })),
      ...this.world.attendances.map((row) => ({
        row,
        ended: new Date(Number(row['departed_at']) * 1000).toISOString().slice(0, 10),
      })),
    ];
    return stays.some(
      (stay) =>
        stay.row['patient_no'] === patient && own.includes(String(stay.row['trust_code'])) && which(stay),
    );
  }

  private facts(dataset: string, known: Known): { rows: readonly Facts[]; hasTrust: boolean } {
    const { world } = this;
    const found: Record<string, readonly Facts[]> = {
      patients: known.patients,
      episodes: world.spells,
      edAttendances: world.attendances,
      prescriptions: world.prescriptions,
      referrals: world.referrals,
      contacts: world.contacts,
      carePackages: world.packages,
    };
    return { rows: found[dataset] ?? [], hasTrust: dataset === 'episodes' || dataset === 'edAttendances' };
  }

  private columns(dataset: string, row: Facts, inScope: readonly Facts[], known: Known): Columns {
    const { limits } = this.world;
    const patient = this.world.patients.find((one) => one['patient_no'] === row['patient_no']);
    const plain = (column: string, roles = all): Columns[string] => [roles, () => text(row[column])];
    /** Clinicians see that of the day asked for, the others what rows show now. */
    const attribute = (column: string, roles = all): Columns[string] => [
      roles,
      (role) => text(role === 'clinician' ? row[column] : patient?.[`row_${column}`]),
    ];
    const day = (column: string, roles = all): Columns[string] => [
      roles,
      (role) => seenDay(role, text(row[column])),
    ];
    /** Place among the rows of the patient in scope. */
    const seq = (time: string, key: string): Columns[string] => {
      const sorted = inScope
        .filter((other) => other['patient_no'] === row['patient_no'])
        .map((other) => [other[time]!, String(other[key])] as const)
        .sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] < b[1] ? -1 : 1));
      return [['analyst'], () => 1 + sorted.findIndex(([, other]) => other === row[key])];
    };
    const masked = (value: Cell): Cell => (row['is_sensitive'] === true ? 'SENSITIVE' : value);
    const cost = (column: string): Columns[string] => [
      ['analyst', 'finance'],
      (role) => (role === 'finance' ? text(row[column]) : tenPounds(text(row[column]), limits[column])),
    ];
    const minutes = (column: string): Columns[string] => [
      clinical,
      (role) => (role === 'analyst' ? quarter(text(row[column]), limits[column]) : text(row[column])),
    ];
    const region = known.practices.find((one) => one['practice_code'] === row['practice_code']);
    const who: Columns = { patientId: [all, () => text(patient?.['patient_sk'])] };
    switch (dataset) {
      case 'patients':
        return {
          ...who,
          ageBand: [
            all,
            (role) =>
              role === 'clinician'
                ? text(row['age_band_5'])
                : text(patient?.[role === 'finance' ? 'row_age_band_10' : 'row_age_band']),
          ],
          gender: attribute('gender', clinical),
          ethnicGroup: attribute('ethnic_group', clinical),
          deprivationQuintile: attribute('deprivation_quintile'),
          postcodeArea: attribute('postcode_area', clinical),
          practiceRegion: [
            ['analyst'],
            () => (patient?.['row_level'] === 0 ? text(region?.['commissioning_region']) : null),
          ],
        };
      case 'episodes':
        return {
          ...who,
          id: plain('spell_sk'),
          seq: seq('admission_date', 'spell_sk'),
          trustCode: plain('trust_code'),
          trustName: [all, () => known.trustNames[String(row['trust_code'])] ?? null],
          admissionDate: day('admission_date'),
          dischargeDate: day('discharge_date'),
          losDays: [
            all,
            (role) => (role === 'analyst' ? least(row['los_days']!, limits['los_days']) : row['los_days']!),
          ],
          specialtyCode: plain('specialty_code'),
          specialtyName: [all, () => specialties[String(row['specialty_code'])] ?? null],
          wardCode: plain('ward_code', ['clinician']),
          admissionMethodCode: plain('admission_method', clinical),
          admissionMethodName: [clinical, () => methods[String(row['admission_method'])] ?? null],
          dischargeDestinationCode: plain('discharge_destination', clinical),
          primaryDiagnosis: [
            clinical,
            () => masked(row['is_diagnosis'] === true ? three(row['primary_diagnosis']!) : null),
          ],
          secondaryDiagnoses: plain('secondary_diagnoses_shown', clinical),
          primaryProcedure: [clinical, () => masked(three(row['primary_procedure']!))],
          secondaryProcedures: [clinical, () => masked(text(row['secondary_procedures_shown']))],
          hrgCode: [all, () => masked(row['hrg_code']!)],
          hrgName: [all, () => masked(hrgs[String(row['hrg_code'])] ?? null)],
          consultantId: plain('consultant_sk'),
        };
      case 'edAttendances': {
        const from = 4 * Math.floor(Number(row['arrival_hour']) / 4);
        const two = (hour: number): string => String(hour).padStart(2, '0');
        return {
          ...who,
          id: plain('attendance_sk'),
          seq: seq('arrived_at', 'attendance_sk'),
          trustCode: plain('trust_code'),
          trustName: [all, () => known.trustNames[String(row['trust_code'])] ?? null],
          arrivalDate: day('arrival_date'),
          arrivalBand: [['analyst'], () => `${two(from)}-${two(from + 3)}`],
          arrivalHour: plain('arrival_hour', ['clinician']),
          triageCategory: plain('triage_category', clinical),
          presentingComplaint: plain('presenting_complaint', clinical),
          destinationCode: plain('discharge_destination', clinical),
          destinationName: [clinical, () => destinations[String(row['discharge_destination'])] ?? null],
          totalMinutes: minutes('total_minutes'),
          treatmentMinutes: minutes('treatment_minutes'),
        };
      }
      case 'prescriptions':
        return {
          ...who,
          id: plain('prescription_sk'),
          seq: seq('prescription_date', 'prescription_sk'),
          prescriptionDate: day('prescription_date'),
          practiceRegion: [['analyst'], () => text(region?.['commissioning_region'])],
          bnfCode: plain('bnf_code', clinical),
          quantity: plain('quantity', clinical),
          items: plain('items'),
          netIngredientCost: cost('net_ingredient_cost'),
          actualCost: cost('actual_cost'),
          prescriberId: plain('prescriber_sk'),
        };
      case 'referrals': {
        const wait = (): number | null =>
          row['first_contact_date'] === null
            ? null
            : daysFrom(String(row['referral_date']), String(row['first_contact_date']));
        return {
          patientId: [clinical, () => text(patient?.['patient_sk'])],
          id: plain('referral_sk', clinical),
          seq: seq('referral_date', 'referral_sk'),
          referralDate: day('referral_date', clinical),
          firstContactDate: day('first_contact_date', clinical),
          lastContactDate: day('last_contact_date', clinical),
          dischargeDate: day('discharge_date', clinical),
          waitDays: [clinical, (role) => (role === 'analyst' ? least(wait(), limits['wait_days']) : wait())],
          referralSource: plain('referral_source', clinical),
          urgency: plain('urgency', clinical),
          careCluster: plain('care_cluster', clinical),
          primaryDiagnosis: [clinical, () => masked(three(row['primary_diagnosis']!))],
          totalContacts: plain('total_contacts', clinical),
        };
      }
      case 'contacts':
        return {
          patientId: [clinical, () => text(patient?.['patient_sk'])],
          id: plain('contact_sk', clinical),
          seq: seq('contact_date', 'contact_sk'),
          contactDate: day('contact_date', clinical),
          serviceType: plain('service_type', clinical),
          contactSetting: plain('contact_setting', clinical),
          contactMode: plain('contact_mode', clinical),
          durationMinutes: minutes('duration_minutes'),
          professionalId: plain('professional_sk', clinical),
        };
      default:
        return {
          ...who,
          id: plain('package_sk'),
          seq: seq('start_date', 'package_sk'),
          packageType: plain('package_type'),
          startDate: day('start_date'),
          endDate: day('end_date'),
          reviewDate: day('review_date', clinical),
          status: plain('status'),
          assessmentOutcome: plain('assessment_outcome', clinical),
          hoursPerWeek: plain('hours_per_week', clinical),
          weeklyCost: cost('weekly_cost'),
        };
    }
  }
}

/** What was known of dimensions. */
interface Known {
  readonly patients: readonly Facts[];
  readonly practices: readonly Facts[];
  readonly trustNames: Readonly<Record<string, string | null>>;
}

interface Stay {
  readonly row: Facts;
  readonly ended: string | null;
}

const inCare = ({ ended }: Stay): boolean => ended === null || ended >= plus(dataAsOf, -30);

/** How rows stand to each other in the order of a question; `identity` makes the order total. Nulls come last. */
export const inOrderOf =
  ({ orderBy }: Pick<RowQuestion, 'orderBy'>, identity: readonly string[]) =>
  (a: Facts, b: Facts): number => {
    for (const { column, descending } of [
      ...orderBy,
      ...identity.map((name) => ({ column: name, descending: false })),
    ]) {
      const [x, y] = [comparable(a[column] ?? null), comparable(b[column] ?? null)];
      if (x === y) continue;
      if (x === null) return 1;
      if (y === null) return -1;
      return x < y === descending ? 1 : -1;
    }
    return 0;
  };

/** The rows that meet a question, in its order. */
export function ordered<Row extends { readonly values: Facts }>(
  rows: readonly Row[],
  question: Pick<RowQuestion, 'where' | 'orderBy'>,
  identity: readonly string[],
): Row[] {
  const { where } = question;
  const compare = inOrderOf(question, identity);
  return rows
    .filter(({ values }) => where === undefined || holds(where, (name) => values[name] ?? null) === true)
    .sort((a, b) => compare(a.values, b.values));
}
