import type { Host, Row } from '../src/cds/arden/host.js';
import { parseFile } from '../src/cds/arden/parse.js';
import { prepare } from '../src/cds/arden/run/run.js';
import { timeOfInstant } from '../src/cds/arden/run/time.js';
import { print } from './timed.js';

const rounds = 5;
const least = 5;
const files = 2000;

const leastPatients = 8500;
const patients = 10_000;
const visitsOfPatient = 11;
const day = 86_400_000;
const now = timeOfInstant(Date.UTC(2025, 0, 15, 12));

/** A rule of usual length; none of it is prose for the sake of bytes. */
const rule = `maintenance:
  title: Frequent attender of the emergency department without community contact;;
  mlmname: frequent_attender;;
  arden: Version 2.10;;
  version: 1.0.0;;
  institution: Maplewood General Hospital;;
  author: CDS group;;
  specialist: ;;
  date: 2025-01-15;;
  validation: testing;;
library:
  purpose: Find people who come to the emergency department often and have no contact with community services;;
  explanation: Both windows end now. A contact is any that was recorded, by whatever service.;;
  keywords: emergency department; high intensity use;;
  links: OTHER_LINK "gem", 'frequent_attender.gem.yaml';;
knowledge:
  type: data_driven;;
  data:
    arrival := EVENT {ed_attendance};
    enough := 5;
    visits := READ {ed_attendance: triage_category} WHERE THEY OCCURRED WITHIN PAST 12 MONTHS;
    contact := READ LAST {community_contact: care_activity} WHERE IT OCCURRED WITHIN PAST 12 MONTHS;
    stays := READ COUNT {spell where admission_method starts with '2'} WHERE IT OCCURRED WITHIN PAST 365 DAYS;
  ;;
  priority: 60;;
  evoke: arrival;;
  logic:
    n := COUNT visits;
    urgent := COUNT (visits WHERE THEY IN ("1", "2"));
    // Whoever was admitted is known to the wards.
    IF n >= enough AND contact IS NOT PRESENT AND stays < 2 THEN
      CONCLUDE TRUE;
    ELSEIF urgent >= 3 AND (NOW - TIME OF LAST visits) / 1 DAY <= 30 THEN
      CONCLUDE contact IS NOT PRESENT;
    ENDIF;
    CONCLUDE FALSE;
  ;;
  action:
    WRITE n || " attendances in 12 months, " || urgent || " of them urgent, and no community contact.";
  ;;
  urgency: 60;;
resources:
  default: en;;
  language: en;;
end:
`;

/** Megabytes of MLM text parsed, and patients a rule is interpreted for, in a second of processor time. */
export function benchArden(): void {
  benchParser();
  benchInterpreter();
}

/** A rule a file. */
function benchParser(): void {
  const bytes = Buffer.from(rule);
  const seconds = median(() => {
    for (let file = 0; file < files; file += 1) {
      const { mlms, diagnostics } = parseFile(bytes, { mode: 'strict' });
      if (mlms.length !== 1 || diagnostics.length > 0) throw new Error('The rule is not understood');
    }
  });
  const speed = (files * bytes.length) / 1e6 / seconds;
  print(
    `Arden Syntax: ${speed.toFixed(1)} MB/s parsed (at least ${least}) ${speed >= least ? 'ok' : 'TOO SLOW'}\n`,
  );
}

/** The facts are in memory, eleven attendances a patient over somewhat more than a year. */
function benchInterpreter(): void {
  const [mlm] = parseFile(Buffer.from(rule), { mode: 'strict' }).mlms;
  if (!mlm) throw new Error('The rule is not understood');
  const hosts = Array.from({ length: patients }, (_, patient) => hostOf(patient));
  const run = prepare(mlm);
  const seconds = median(() => {
    const fired = hosts.filter((host) => run(host).concluded).length;
    if (fired !== patients) throw new Error('The rule does not fire where it should');
  });
  const speed = Math.round(patients / seconds);
  print(
    `Arden Syntax: ${speed} patients/s interpreted (at least ${leastPatients}) ${speed >= leastPatients ? 'ok' : 'TOO SLOW'}\n`,
  );
}

function hostOf(patient: number): Host {
  const visits = Array.from({ length: visitsOfPatient }, (_, visit): Row => {
    const daysAgo = 36 * (visitsOfPatient - visit) - (patient % 30);
    return {
      time: timeOfInstant(now.instant - daysAgo * day),
      values: [{ type: 'string', value: String((visit % 5) + 1) }],
      key: `${patient}-${visit}`,
    };
  });
  return {
    now,
    currentTime: now,
    triggerTime: now,
    arguments: [],
    rows: (braces) => (braces.startsWith('ed_attendance') ? visits : []),
    text: () => undefined,
    callInterface: () => undefined,
    language: 'en',
  };
}

/** Median of the seconds of processor time that something takes. */
function median(work: () => void): number {
  const seconds = Array.from({ length: rounds }, () => {
    const began = process.cpuUsage();
    work();
    return process.cpuUsage(began).user / 1e6;
  }).sort((a, b) => a - b);
  return seconds[Math.floor(rounds / 2)] ?? Number.NaN;
}
