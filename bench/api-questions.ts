/** A question of the bench and its floor: the same rows by the plainest SQL over the same mart. */
export interface Question {
  readonly name: string;
  readonly rows: number;
  readonly most: number;
  readonly query: string;
  readonly floor: string;
}

const edWaits = (by: string, grain: string, first: number): string =>
  `{ edWaits(by: [${by}], grain: ${grain}, first: ${first}) { nodes { period trustCode presentingComplaint attendances within4HoursPct medianMinutes } } }`;
const edFloor = (set: number, grain: string, first: number): string =>
  `select cast(period as varchar) as period, trust_code as "trustCode", presenting_complaint as "presentingComplaint", cast(events as double) as attendances, 100.0 * within_4_hours / nullif(events, 0) as "within4HoursPct", median_minutes as "medianMinutes" from mart_ed_waits where by_set = ${set} and grain = '${grain}' order by period, trust_code, presenting_complaint limit ${first}`;

const beds = (by: string, grain: string, first: number): string =>
  `{ bedOccupancy(by: [${by}], grain: ${grain}, first: ${first}) { nodes { period trustCode specialtyCode occupiedBedDays occupiedBeds availableBeds } } }`;
const bedFloor = (set: number, grain: string, first: number): string =>
  `select cast(period as varchar) as period, trust_code as "trustCode", specialty_code as "specialtyCode", cast(events as double) as "occupiedBedDays", cast(occupied_beds_n as double) / nullif(samples, 0) as "occupiedBeds", cast(capacity as double) as "availableBeds" from mart_bed_occupancy where by_set = ${set} and grain = '${grain}' order by period, trust_code, specialty_code limit ${first}`;

export const questions: readonly Question[] = [
  {
    name: 'edWaits',
    rows: 40,
    most: 1.5,
    query: edWaits('TRUST', 'QUARTER', 40),
    floor: edFloor(1, 'QUARTER', 40),
  },
  {
    name: 'edWaits',
    rows: 10_000,
    most: 1.4,
    query: edWaits('TRUST COMPLAINT', 'WEEK', 10_000),
    floor: edFloor(5, 'WEEK', 10_000),
  },
  {
    name: 'bedOccupancy',
    rows: 40,
    most: 1.5,
    query: beds('TRUST', 'QUARTER', 40),
    floor: bedFloor(1, 'QUARTER', 40),
  },
  {
    name: 'bedOccupancy',
    rows: 10_000,
    most: 1.4,
    query: beds('TRUST SPECIALTY', 'DAY', 10_000),
    floor: bedFloor(3, 'DAY', 10_000),
  },
];

/** Floor SQL by the name under which the client asks for it. */
export const floors: ReadonlyMap<string, string> = new Map(
  questions.map((question) => [`${question.name}/${question.rows}`, question.floor]),
);
