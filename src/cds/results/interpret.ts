import { type Compilable, sql } from 'kysely';
import { MaplewoodError } from '../../errors.js';
import { type GoldBuilder, queryOf } from '../../measures/source.js';
import type { Dialect, DynamicQuery } from '../../warehouse/dialect.js';
import { cdsVariable } from '../../warehouse/gold/cds.js';
import { dimPatient } from '../../warehouse/gold/dimensions.js';
import {
  date,
  instant,
  int32,
  key128,
  nullable,
  type TableDeclaration,
  table,
} from '../../warehouse/table.js';
import { hostOfRows, type Row } from '../arden/host.js';
import { type Outcome, prepare } from '../arden/run/run.js';
import type { Fact } from '../facts/fact.js';
import { dayText, instantText } from '../facts/rows/bounds.js';
import { fetchRows, type RowsByBraces } from '../facts/rows/fetch.js';
import { readReferences } from '../rules/references.js';
import { isCompiled } from '../sql/compile.js';
import type { ResultsEngine } from './engine.js';
import type { Evaluation, Said } from './evaluation.js';
import { insertFrom } from './insert.js';
import { declaredNames, keptOf, timeTypesOf } from './interpreted.js';
import type { PreparedRule } from './rule-rows.js';
import {
  clamped,
  evidenceInsert,
  firedTable,
  keysQuery,
  keyTable,
  readTable,
  resultsInsert,
  usualUrgency,
} from './rule-steps.js';
import { subjectKey } from './subject.js';

/** Patients whose rows are in memory at once. */
const atOnce = 1_000;

const valueTable = 'cds_value';

/** What a page of runs adds to. */
const made = {
  fired: table({
    name: firedTable,
    description: 'patients for whom the rule fires',
    columns: {
      patient_no: int32('number'),
      concluded: int32('1'),
      subject_key: nullable(key128('row that the result is about')),
      urgency: int32('1 to 99'),
    },
  }),
  values: table({
    name: valueTable,
    description: 'what is kept of their variables',
    columns: {
      ...cdsVariable.columns,
      result_key: nullable(key128('not known yet')),
    },
  }),
  read: table({
    name: readTable,
    description: 'rows that the rule read of them',
    columns: {
      patient_no: int32('number'),
      read_no: int32('place of the fact among those that the rule reads'),
      row_key: key128('row'),
      row_day: nullable(date('primary time, where it is a day')),
      row_instant: nullable(instant('primary time, where it is an instant')),
    },
  }),
} as const;

/**
 * Runs a rule by the interpreter, patient by patient, a page of patients at a time, and keeps what a statement would have
 * kept; of its variables those too that a statement computes when they are read. Error: `DEADLINE_EXCEEDED` after `until`.
 */
export async function interpret(
  engine: ResultsEngine,
  evaluation: Evaluation,
  { rule, compiled }: PreparedRule,
  until: number,
): Promise<Said> {
  const { rules, now, gold, dialect, before, elapsed } = evaluation;
  const { registry } = rules;
  const options = { gold, dialect, now, valueSets: registry.valueSets };
  const references = readReferences(rule.mlm, registry);
  const facts = new Map([...references.values()].map(({ fact }) => [fact.name, fact]));
  const names = [...facts.keys()];
  const run = prepare(rule.mlm);
  const declared = declaredNames(rule.mlm);
  const types = isCompiled(compiled) ? timeTypesOf(compiled.planAt(now)) : new Map();
  const source = { handle: { read: oneByOne(engine) }, gold, dialect, valueSets: registry.valueSets };
  const insert = (statement: Compilable): Promise<void> => engine.run(dialect.compile(statement));
  for (const one of Object.values(made))
    await engine.make(one.name, dialect.compile(nothingIn(one, gold, dialect)));

  const said = { fired: 0, rows: 0, undecided: 0, failed: 0 };
  const patients = await patientNumbers(engine, gold, dialect);
  for (let from = 0; from < patients.length; from += atOnce) {
    const page = patients.slice(from, from + atOnce);
    const rows = await fetchRows({ references, patients: page, now }, source);
    const [fired, values, read]: [object[], object[], object[]] = [[], [], []];
    for (const patient of page) {
      if (elapsed() > until) throw new MaplewoodError('DEADLINE_EXCEEDED');
      const own = rows.get(patient);
      const outcome = attempt(() => run(hostOfRows(now, (braces) => own?.get(braces))));
      if (!outcome || endedEarly(outcome)) said.failed += 1;
      if (!outcome || outcome.concluded === null) said.undecided += 1;
      if (outcome?.concluded !== true) continue;
      said.fired += 1;
      const { subject } = rule.gem.delivery;
      fired.push({
        patient_no: patient,
        concluded: 1,
        subject_key: subject === undefined ? null : subjectKey(subject, outcome.evidence),
        urgency: outcome.urgency.type === 'number' ? clamped(outcome.urgency.value) : usualUrgency,
      });
      values.push(...keptOf(outcome, types, declared).map((cells) => ({ patient_no: patient, ...cells })));
      read.push(
        ...rowsRead(outcome, own, (braces) => references.get(braces)?.fact).map((row) => ({
          patient_no: patient,
          read_no: names.indexOf(row.fact),
          ...row.cells,
        })),
      );
    }
    said.rows += read.length;
    await engine.appendMade(made.fired, fired);
    await engine.appendMade(made.values, values);
    await engine.appendMade(made.read, read);
  }

  const columns = {
    ...(rule.gem.delivery.subject === undefined ? {} : { subject: 'subject_key' }),
    urgency: sql.ref('f.urgency'),
  };
  await engine.make(keyTable, dialect.compile(keysQuery(rule, registry, columns, options)));
  await insert(resultsInsert(rule, before, options));
  await insert(valuesInsert(gold, dialect));
  if (names.length > 0) await insert(evidenceInsert(names, options));
  await engine.drop(keyTable, ...Object.values(made).map(({ name }) => name));
  return said;
}

/** Undefined where the run ends with an error: it is one patient of whom the rule says nothing. */
function attempt(run: () => Outcome): Outcome | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

const endings: ReadonlySet<string> = new Set(['STEPS', 'WORK', 'DEPTH']);
const endedEarly = ({ diagnostics }: Outcome): boolean => diagnostics.some(({ code }) => endings.has(code));

/** The engine does one thing at a time, and the facts of a page are asked for at once. */
function oneByOne(engine: ResultsEngine): ResultsEngine['read'] {
  let last: Promise<unknown> = Promise.resolve();
  return (statement, output) => {
    const next = last.then(() => engine.read(statement, output));
    last = next.catch(() => undefined);
    return next;
  };
}

const nothingIn = (declared: TableDeclaration, gold: GoldBuilder, dialect: Dialect): DynamicQuery =>
  queryOf(gold, `${dimPatient.name} as d`)
    .where(sql<boolean>`1 = 0`)
    .select(
      Object.entries(declared.columns).map(([name, { type }]) =>
        sql`cast(null as ${sql.raw(dialect.columnType(type))})`.as(name),
      ),
    );

async function patientNumbers(
  engine: ResultsEngine,
  gold: GoldBuilder,
  dialect: Dialect,
): Promise<readonly number[]> {
  const output = [{ name: 'patient_no', type: { kind: 'int32' } }] as const;
  const query = queryOf(gold, `${dimPatient.name} as d`).select('d.patient_no').orderBy('d.patient_no');
  const { columns } = await engine.read(dialect.compile(query), output);
  return (columns[0] ?? []).map(Number);
}

/** The rows that a run kept, with the primary time that each of them has. */
function rowsRead(
  { evidence }: Outcome,
  rows: RowsByBraces | undefined,
  factOf: (braces: string) => Fact | undefined,
): { readonly fact: string; readonly cells: object }[] {
  return evidence.flatMap(({ braces, keys }) => {
    const fact = factOf(braces);
    if (!fact || keys.length === 0) return [];
    const byKey = new Map((rows?.get(braces) ?? []).map((row) => [row.key, row]));
    return keys.map((key) => ({
      fact: fact.name,
      cells: { row_key: Buffer.from(key, 'hex'), ...timeCells(fact, byKey.get(key)) },
    }));
  });
}

function timeCells({ time }: Fact, row: Row | undefined): object {
  if (!time || !row?.time) return {};
  return time.stored === 'date' ? { row_day: dayText(row.time) } : { row_instant: instantText(row.time) };
}

function valuesInsert(gold: GoldBuilder, dialect: Dialect): Compilable {
  const from = queryOf(gold, `${keyTable} as k`).innerJoin(
    `${valueTable} as v`,
    'v.patient_no',
    'k.patient_no',
  ) as unknown as DynamicQuery;
  const own = Object.keys(cdsVariable.columns).map((name) => [name, sql.ref(`v.${name}`)] as const);
  return insertFrom(gold, dialect, cdsVariable, from, {
    ...Object.fromEntries(own),
    result_key: sql.ref('k.result_key'),
  });
}
