import type { PlantedErrors } from '../planted-error.js';

const by = 'rules';
const lists = 'cds/sql/lists.ts';
const values = 'cds/sql/values.ts';
const scans = 'cds/sql/scans.ts';
const rows = 'cds/sql/rows.ts';
const truths = 'cds/sql/truths.ts';
const layers = 'cds/sql/layers.ts';
const times = 'cds/sql/times.ts';

/** Where SQL says something else than Arden, and what a compiler would make of it that did not know. */
export const ruleErrors: PlantedErrors = {
  'aggregates of rules': [
    {
      by,
      error: 'COUNT leaves nulls out',
      file: 'cds/sql/aggregates.ts',
      was: "operand.kind === 'rows' ? scalar(tally(terms, operand)) :",
      becomes:
        "operand.kind === 'rows' ? scalar(tally(terms, operand, terms.not(terms.isNull(operand.value)))) :",
    },
    {
      by,
      error: 'COUNT of no rows is null',
      file: layers,
      was: "(member.function === 'tally' || member.function === 'total')",
      becomes: "member.function === 'total'",
    },
    {
      by,
      error: 'SUM of no rows is null',
      file: layers,
      was: "(member.function === 'tally' || member.function === 'total')",
      becomes: "member.function === 'tally'",
    },
    {
      by,
      error: 'EXIST is there for a null',
      file: truths,
      was: '...scalar(some(terms, operand, terms.not(terms.isNull(operand.value)))),',
      becomes: '...scalar(some(terms, operand, terms.true)),',
    },
    {
      by,
      error: 'SUM, AVERAGE, MINIMUM, MAXIMUM and MEDIAN leave nulls out',
      file: lists,
      was: "terms.apply('choose', value.type, some(terms, rows, terms.isNull(rows.value)), terms.null, value);",
      becomes: 'value;',
    },
    {
      by,
      error: 'ANY is FALSE where a null could decide',
      file: truths,
      was: "const otherwise = terms.apply('choose', 'boolean', unknown, terms.null, terms.false);",
      becomes: "const otherwise = terms.apply('choose', 'boolean', unknown, terms.false, terms.false);",
    },
    {
      by,
      error: 'VARIANCE is that of a population',
      file: 'warehouse/duckdb/dialect.ts',
      was: 'var_samp(',
      becomes: 'var_pop(',
    },
    {
      by,
      error: 'a condition of a list is left out',
      file: scans,
      was: 'const given = condition ? sql`case when ${condition} then ${value} end` : value;',
      becomes: 'const given = value;',
    },
  ],
  'rows of rules': [
    {
      by,
      error: 'LAST of equal times is any of them',
      file: rows,
      was: 'return timed ? sql`${sql.ref(`r.${rowTime}`)} ${direction}, ${key}` : key;',
      becomes: 'return timed ? sql`${sql.ref(`r.${rowTime}`)} ${direction}` : key;',
    },
    {
      by,
      error: 'FIRST takes the highest key of equal times',
      file: rows,
      was: 'const key = sql`${sql.ref(`r.${rowKey}`)} ${direction}`;',
      becomes: 'const key = sql`${sql.ref(`r.${rowKey}`)} desc`;',
    },
    {
      by,
      error: 'patients without rows are left out',
      file: layers,
      was: '.leftJoin(name,',
      becomes: '.innerJoin(name,',
    },
    {
      by,
      error: 'MINIMUM has the earliest of equal primary times',
      file: 'cds/sql/extremes.ts',
      was: "terms.pick({ from: 'last', by }, pipeline, time)",
      becomes: "terms.pick({ from: 'first', by }, pipeline, time)",
    },
  ],
  'values of rules': [
    {
      by,
      error: 'numbers are divided as whole numbers',
      file: values,
      was: 'sql`(${left} / nullif(${right}, 0))`',
      becomes: 'sql`(${left} // nullif(${right}, 0))`',
    },
    {
      by,
      error: 'a number divided by 0 is infinite',
      file: values,
      was: 'sql`(${left} / nullif(${right}, 0))`',
      becomes: 'sql`(${left} / ${right})`',
    },
    {
      by,
      error: 'a condition that is null is FALSE as a value',
      file: values,
      was: "if (term.kind !== 'apply') return false;",
      becomes: "if (term.kind === 'apply') return true;",
    },
    {
      by,
      error: 'texts are compared without case',
      file: values,
      was: "if (term.type !== 'boolean') return column;",
      becomes: "if (term.type !== 'boolean') return term.type === 'string' ? sql`lower(${column})` : column;",
    },
    {
      by,
      error: 'IF of a null takes the branch',
      file: values,
      was: 'sql`case when ${this.predicate(first)} then ${this.value(second)} else ${this.value(third)} end`',
      becomes:
        'sql`case when not (${this.predicate(first)}) then ${this.value(third)} else ${this.value(second)} end`',
    },
    {
      by,
      error: 'CONCLUDE of a null fires',
      file: 'cds/sql/fired.ts',
      was: "const query = reading(parts, last.name, 'p')\n    .where(rendering.predicate(plan.concluded))",
      becomes:
        "const query = reading(parts, last.name, 'p')\n    .where(sql<boolean>`coalesce(${rendering.value(plan.concluded)}, 1) = 1`)",
    },
    {
      by,
      error: 'what comes after a branch that has ended is run for all',
      file: 'cds/sql/statements.ts',
      was: 'this.run(rest, { ...state, ended: terms.false }, going)',
      becomes: 'this.run(rest, { ...state, ended: terms.true }, going)',
    },
  ],
  'times of rules': [
    {
      by,
      error: 'a window is open at its beginning',
      file: times,
      was: "return against(isExact ? '>=' : '>');",
      becomes: "return against('>');",
    },
    {
      by,
      error: 'BEFORE holds at its bound',
      file: times,
      was: "return against(isExact ? '<' : '<=');",
      becomes: "return against('<=');",
    },
    {
      by,
      error: 'an instant shows the clock of UTC',
      file: 'warehouse/duckdb/dialect.ts',
      was: "sql<string>`timezone('Europe/London', timezone('UTC', ${instant}))`",
      becomes: 'sql<string>`${instant}`',
    },
    {
      by: 'clock',
      error: 'a wall clock that comes twice stands for its second time',
      file: values,
      was: '= ${wall} then ${hourBefore} when ${dialect.localTime(wall)} = ${wall} then ${wall} when',
      becomes:
        '= ${wall} and not (${dialect.localTime(wall)} = ${wall}) then ${hourBefore} when ${dialect.localTime(wall)} = ${wall} then ${wall} when',
    },
    {
      by,
      error: 'days that are not the same share their primary time',
      file: times,
      was: "return terms.apply('choose', left.type, equal, left, terms.null);",
      becomes: 'return left;',
    },
  ],
};
