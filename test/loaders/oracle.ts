import type { Role } from '../../src/access/role.js';
import type { Filter } from '../../src/loaders/filter.js';
import type { MeasureQuestion } from '../../src/loaders/question.js';
import { bucketOf, daysBetween, lastDayOf, london, plus, weekdayOf } from './calendar.js';
import { type Definition, definitions, type Event, every } from './definitions.js';
import { holds, namesIn, partsOf, type Value } from './holds.js';
import { isPart, isWithheld, type Rule, valueInMeasure } from './released-values.js';
import { calendarOf, hoursOf, type Trust, type World } from './world.js';

/**
 * What a question should answer, worked out event by event from the definitions of the measures and of
 * disclosure control, without SQL, marts or plans. Slow and plain on purpose; nothing of the planner is used.
 */

export interface Asker {
  readonly role: Role;
  /** Own trusts; null means all. */
  readonly trusts: readonly string[] | null;
  readonly yesterday: string;
  /** Counts of fewer patients than 8 or 10 are hidden, the others rounded to 5 or 10. */
  readonly mode: Mode;
}

export type Mode = 'default' | 'strict';
export type Refusal = 'GRAIN_NOT_ALLOWED' | 'BAD_USER_INPUT' | 'POLICY_VIOLATION';

export type OracleRow = Readonly<Record<string, Value>>;

export type Expected =
  | { readonly kind: 'refused'; readonly code: Refusal }
  | {
      readonly kind: 'rows';
      /** All rows that meet the filter, in order. */
      readonly rows: readonly OracleRow[];
      /** Hidden measures of each row. */
      readonly hidden: readonly ReadonlySet<string>[];
    };

const refused = (code: Refusal): Expected => ({ kind: 'refused', code });

/** What a question means that does not say it. */
const defaults: MeasureQuestion['args'] = {
  days: 30,
  gapDays: 30,
  windowInclusive30: false,
  sameTrust: false,
  frequentFrom: 5,
  honosComparable: false,
  includePrescribing: true,
  includeSocialCare: false,
  indicator: 'EMERGENCY_ADMISSIONS',
  snapshot: 'MIDNIGHT',
  year: null,
};
/** Published figures are those of one threshold only. */
const fixedForPublished = [
  'days',
  'gapDays',
  'windowInclusive30',
  'includePrescribing',
  'includeSocialCare',
  'frequentFrom',
];

const exactRoles: readonly Role[] = ['operations', 'clinician'];
const publishedRoles: readonly Role[] = ['bi-reader', 'data-steward'];
const rules: Readonly<Record<Mode, Omit<Rule, 'isWithheld'>>> = {
  default: { few: 7, base: 5 },
  strict: { few: 9, base: 10 },
};

/** Whether a role has all that a question names. */
function mayName(definition: Definition, role: Role, question: MeasureQuestion, named: readonly string[]) {
  const measures = definition.measures(question.args);
  const has = (name: string): boolean => definition.rolesOf?.[name]?.includes(role) ?? true;
  const known = (name: string): boolean =>
    ['period', 'suppressed'].includes(name) ||
    Object.hasOwn(measures, name) ||
    Object.hasOwn(definition.columns, name);
  const free = definition.dimensions.filter((name) => !definition.fixed.includes(name));
  return (
    definition.roles.includes(role) &&
    named.every((name) => known(name) && has(name)) &&
    question.by.every((name) => free.includes(name) && has(name))
  );
}

const grains = ['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR', 'ALL'];

function isOffered(definition: Definition, role: Role, by: readonly string[], grain: string): boolean {
  const from = (floor: string): boolean => grains.indexOf(grain) >= grains.indexOf(floor);
  if (exactRoles.includes(role)) return true;
  if (publishedRoles.includes(role)) {
    return definition.published.some(
      ([set, floor]) => by.every((name) => set.split(' ').includes(name)) && from(floor),
    );
  }
  return from(definition.rowsFloor(by)) && (role !== 'finance' || from('MONTH'));
}

/** Trusts as they were known at the end of a local day, or as they are. */
function trustsAt({ trusts, trustVersions }: World, asOf: string | undefined): readonly Trust[] {
  if (asOf === undefined) return trusts;
  return trustVersions.filter(
    ({ from, to }) => london(from).day <= asOf && (to === null || london(to).day > asOf),
  );
}

function labelOf(world: World, list: string, code: string, trusts: readonly Trust[]): string | null {
  if (list === 'rule')
    return world.rules.find(({ name, isCurrent }) => name === code && isCurrent)?.title ?? null;
  if (list === 'practice') return world.practices.find((practice) => practice.code === code)?.name ?? null;
  if (list === 'trust') return trusts.find((trust) => trust.code === code)?.name ?? null;
  if (list === 'specialty')
    return world.specialties.find((specialty) => specialty.code === code)?.name ?? null;
  return world.codes.find((one) => one.list === list && one.code === code)?.name ?? null;
}

function ofOneYear(asked: MeasureQuestion, dataAsOf: string): MeasureQuestion {
  const given = asked.args['year'] ?? null;
  if (asked.grain !== 'ALL' && (asked.grain !== 'YEAR' || given === null)) return asked;
  const full = Number(dataAsOf.slice(0, 4)) - (dataAsOf.endsWith('-12-31') ? 0 : 1);
  const inYear: Filter = { kind: 'test', column: 'period', op: 'eq', value: `${given ?? full}-01-01` };
  return {
    ...asked,
    grain: 'YEAR',
    where: asked.where ? { kind: 'and', parts: [asked.where, inYear] } : inYear,
  };
}

/** Events of a world by dataset: the same for every question. */
export class Oracle {
  private readonly events = new Map<string, readonly Event[]>();
  private readonly values = new Map<string, ReadonlyMap<string, readonly Value[]>>();
  /** Days with data, and the day of every full hour by weekday and hour. */
  private readonly days: readonly string[];
  private readonly hours = new Map<string, string[]>();

  constructor(readonly world: World) {
    this.days = daysBetween(calendarOf(world).first, world.dataAsOf);
    for (const at of hoursOf(world)) {
      const { day, hour } = london(at);
      const key = `${weekdayOf(day)} ${hour}`;
      const known = this.hours.get(key);
      if (known) known.push(day);
      else this.hours.set(key, [day]);
    }
  }

  /** Days, one for each sample of a cell if nothing narrowed them. */
  private sampleDays(dataset: string, dims: ReadonlyMap<string, string | number>): readonly string[] {
    if (dataset === 'bedOccupancy') return this.days;
    if (dataset === 'edCrowding') return this.hours.get(`${dims.get('WEEKDAY')} ${dims.get('HOUR')}`) ?? [];
    return [];
  }

  private eventsOf(dataset: string): readonly Event[] {
    const known = this.events.get(dataset) ?? definitions[dataset]!.events(this.world);
    this.events.set(dataset, known);
    return known;
  }

  /** Values that a column has in answers, whole and split, rounded and exact: what is worth a condition. */
  valuesOf(dataset: string, column: string): readonly Value[] {
    let known = this.values.get(dataset);
    if (!known) {
      const found = new Map<string, Set<Value>>();
      for (const { rows } of this.examples(dataset))
        for (const row of rows.slice(0, 60))
          for (const [name, value] of Object.entries(row)) {
            const values = found.get(name) ?? new Set();
            if (value !== null) found.set(name, values.add(value));
          }
      known = new Map([...found].map(([name, values]) => [name, [...values].slice(0, 60)]));
      this.values.set(dataset, known);
    }
    return known.get(column) ?? [];
  }

  private examples(dataset: string): Extract<Expected, { kind: 'rows' }>[] {
    const { dimensions, fixed, columns, measures, roles, rolesOf } = definitions[dataset]!;
    const names = [...Object.keys(columns), ...Object.keys(measures(defaults))];
    const asking = (['analyst', 'operations'] as const).filter((role) => roles.includes(role));
    return asking.flatMap((role) => {
      const own = (name: string): boolean => rolesOf?.[name]?.includes(role) ?? true;
      return [[], ...dimensions.filter((name) => !fixed.includes(name) && own(name)).map((name) => [name])]
        .map((by) =>
          this.answer(
            {
              kind: 'measure',
              dataset,
              by,
              grain: 'ALL',
              select: names.filter(own),
              orderBy: [],
              first: 1,
              total: false,
              args: {},
            },
            { role, trusts: null, yesterday: '2100-01-01', mode: 'default' },
          ),
        )
        .filter((answer) => answer.kind === 'rows');
    });
  }

  /** Every row of the answer, in order, whatever `first` and `after` say. */
  answer(asked: MeasureQuestion, asker: Asker): Expected {
    const { world } = this;
    const definition = definitions[asked.dataset]!;
    const whole = { ...asked, args: { ...defaults, ...asked.args } };
    const question = definition.year ? ofOneYear(whole, world.dataAsOf) : whole;
    const controlled = !exactRoles.includes(asker.role);
    const { grain, asOf } = question;
    const conditions = partsOf(question.where);
    const inOrder = question.orderBy.map(({ column }) => column);
    const named = new Set([...question.select, ...conditions.flatMap(namesIn), ...inOrder]);
    if (!mayName(definition, asker.role, question, [...named])) return refused('POLICY_VIOLATION');
    if (asOf !== undefined && controlled) return refused('POLICY_VIOLATION');
    if (asOf !== undefined && asOf < world.firstLoad) return refused('BAD_USER_INPUT');
    const trusts = trustsAt(world, asOf);
    const outside = (column: string): boolean => {
      if (column === 'period') return grain === 'ALL';
      const by = definition.columns[column]?.by;
      return by !== undefined && !question.by.includes(by) && !definition.fixed.includes(by);
    };

    // Under control a condition picks finished cells, so that what it names splits them. Else it narrows the events.
    const by = new Set([...question.by, ...definition.fixed]);
    let narrowing: readonly Filter[] = [];
    let picking = conditions;
    if (controlled) {
      if (conditions.flatMap(namesIn).some((name) => name === 'period' && outside(name)))
        return refused('BAD_USER_INPUT');
      for (const name of [...conditions.flatMap(namesIn), ...inOrder].filter(
        (column) => column !== 'period' && outside(column),
      ))
        by.add(definition.columns[name]!.by);
    } else {
      narrowing = conditions.filter((filter) => namesIn(filter).some(outside));
      picking = conditions.filter((filter) => !namesIn(filter).some(outside));
      for (const names of narrowing.map(namesIn)) {
        if (!names.every(outside)) return refused('BAD_USER_INPUT');
        if (names.includes('period') && names.some((name) => name !== 'period'))
          return refused('BAD_USER_INPUT');
        if (names.some((name) => definition.columns[name]?.label)) return refused('BAD_USER_INPUT');
      }
    }
    const free = [...by].filter((name) => !definition.fixed.includes(name));
    if (!isOffered(definition, asker.role, free, grain)) return refused('GRAIN_NOT_ALLOWED');
    // What is published of several trusts is published by trust.
    const withTrust = asker.trusts?.length === 1 ? [...free, 'TRUST'] : free;
    if (
      publishedRoles.includes(asker.role) &&
      asker.trusts !== null &&
      asker.trusts.length > 0 &&
      definition.dimensions.includes('TRUST') &&
      !free.includes('TRUST') &&
      (asker.trusts.length > 1 || !isOffered(definition, asker.role, withTrust, grain))
    )
      return refused('GRAIN_NOT_ALLOWED');
    const fixed = [...fixedForPublished, ...(question.dataset === 'readmissions' ? ['sameTrust'] : [])];
    const usual = fixed.every((name) => question.args[name] === defaults[name]);
    if (publishedRoles.includes(asker.role) && !usual) return refused('BAD_USER_INPUT');

    const inScope = (trust: string): boolean => asker.trusts?.includes(trust) ?? true;
    const onDay = narrowing.filter((filter) => namesIn(filter).includes('period'));
    const onDimension = narrowing.filter((filter) => !onDay.includes(filter));
    const dayCounts = (day: string): boolean => onDay.every((filter) => holds(filter, () => day) === true);
    const memberOf =
      (e: Event) =>
      (column: string): Value =>
        e.dims[definition.columns[column]!.by] ?? null;
    const followed = definition.followed?.(question.args) ?? 0;
    const counts = definition.counted?.(question.args) ?? every;
    const sees = definition.sees?.(asker.role) ?? every;
    const lastDay = plus(world.dataAsOf, -followed);
    const events = this.eventsOf(question.dataset).filter(
      (e) =>
        (followed === 0 || e.day <= lastDay) &&
        counts(e) &&
        sees(e) &&
        inScope(String(e.dims['TRUST'])) &&
        dayCounts(e.day) &&
        onDimension.every((filter) => holds(filter, memberOf(e)) === true),
    );

    const split = definition.dimensions.filter((name) => by.has(name));
    const cells = new Map<string, Event[]>();
    for (const event of events) {
      const key = JSON.stringify([bucketOf(grain, event.day), ...split.map((name) => event.dims[name])]);
      const known = cells.get(key);
      if (known) known.push(event);
      else cells.set(key, [event]);
    }

    const closedBy = asker.yesterday < lastDay ? asker.yesterday : lastDay;
    const measures = definition.measures(question.args);
    const unknown = definition.unknown?.(question.args) ?? [];
    const rule = controlled
      ? { ...rules[asker.mode], isWithheld: publishedRoles.includes(asker.role) ? isWithheld : () => false }
      : null;
    const found: { row: Record<string, Value>; hidden: Set<string> }[] = [];
    for (const [key, members] of cells) {
      const [period, ...values] = JSON.parse(key) as [string | null, ...(string | number)[]];
      if (controlled && period !== null && lastDayOf(grain, period) > closedBy) continue;
      if (rule && isPart(members, rule)) continue;
      const dims = new Map(split.map((name, index) => [name, values[index]!]));
      const row: Record<string, Value> = { period };
      for (const [column, { by: dimension, label }] of Object.entries(definition.columns)) {
        const member = dims.get(dimension);
        row[column] =
          member === undefined ? null : label ? labelOf(world, label, String(member), trusts) : member;
      }
      const inBucket = (day: string): boolean => bucketOf(grain, day) === period && dayCounts(day);
      const samples = this.sampleDays(question.dataset, dims).filter(inBucket).length;
      // The bed base is known by trust only, and of some trusts not at all.
      const finer =
        split.some((name) => name !== 'TRUST') ||
        onDimension.some((f) => namesIn(f).some((n) => definition.columns[n]!.by !== 'TRUST'));
      const bases = trusts
        .filter(({ code }) => (dims.has('TRUST') ? code === dims.get('TRUST') : inScope(code)))
        .filter(({ code }) => onDimension.every((filter) => holds(filter, () => code) === true))
        .map(({ beds }) => beds);
      const known = bases.filter((beds) => beds !== null);
      const beds =
        finer || bases.length === 0 || known.length < bases.length
          ? null
          : known.reduce((sum, count) => sum + count, 0);
      const begins = world[definition.firstDay];
      const partial =
        period === null ||
        lastDayOf(grain, period) > world.dataAsOf ||
        (begins !== null && period < plus(begins, definition.fillsAfter));
      const hidden = new Set<string>();
      for (const [name, measure] of Object.entries(measures)) {
        if (!named.has(name)) continue;
        const cell = { events: members, samples, beds, partial };
        const value = unknown.includes(name) ? null : valueInMeasure(measure, cell, asker.role, rule);
        if (value === undefined) hidden.add(name);
        row[name] = value ?? null;
      }
      if (picking.every((filter) => holds(filter, (column) => row[column] ?? null) === true))
        found.push({ row, hidden });
    }

    const keys = Object.entries(definition.columns).filter(([, { label, by: of }]) => !label && by.has(of));
    const order = [
      ...question.orderBy,
      ...['period', ...keys.map(([name]) => name)].map((column) => ({ column, descending: false })),
    ];
    found.sort((a, b) => {
      for (const { column, descending } of order) {
        const [left, right] = [a.row[column] ?? null, b.row[column] ?? null];
        if (left === right) continue;
        if (left === null) return 1;
        if (right === null) return -1;
        return left < right === descending ? 1 : -1;
      }
      return 0;
    });
    return { kind: 'rows', rows: found.map(({ row }) => row), hidden: found.map(({ hidden }) => hidden) };
  }
}
