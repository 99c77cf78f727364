import type { PlantedErrors } from '../planted-error.js';

const file = 'loaders/filter.ts';
const split = 'loaders/plan/split.ts';

export const filterErrors: PlantedErrors = {
  'where: operators': [
    {
      error: '`lt` holds for the value itself',
      file,
      was: '(${expression} < ${one()})',
      becomes: '(${expression} <= ${one()})',
    },
    {
      error: '`lte` does not hold for the value itself',
      file,
      was: '(${expression} <= ${one()})',
      becomes: '(${expression} < ${one()})',
    },
    {
      error: '`gt` holds for the value itself',
      file,
      was: '(${expression} > ${one()})',
      becomes: '(${expression} >= ${one()})',
    },
    {
      error: '`gte` does not hold for the value itself',
      file,
      was: '(${expression} >= ${one()})',
      becomes: '(${expression} > ${one()})',
    },
    {
      error: '`ne` does not hold for null',
      file,
      was: '(${expression} <> ${one()} or ${expression} is null)',
      becomes: '(${expression} <> ${one()})',
    },
    {
      error: '`eq` is unknown for null, so that `not` of it is',
      file,
      was: 'sql<boolean>`(${condition} and ${expression} is not null)`',
      becomes: 'condition',
    },
    {
      error: '`in` regards the first value only',
      file,
      was: 'comparable.map((value) => parameter(type, value))',
      becomes: 'comparable.slice(0, 1).map((value) => parameter(type, value))',
    },
    {
      error: '`in` of no value holds',
      file,
      was: "case 'in':\n      return comparable.length === 0\n        ? never",
      becomes: "case 'in':\n      return comparable.length === 0\n        ? sql<boolean>`(1 = 1)`",
    },
    { error: '`isNull` is turned round', file, was: 'test.value === true', becomes: 'test.value === false' },
    {
      error: '`startsWith` finds the text anywhere',
      file,
      was: 'dialect.startsWith(expression',
      becomes: 'dialect.contains(expression',
    },
    {
      error: '`endsWith` finds the text anywhere',
      file,
      was: 'dialect.endsWith(expression',
      becomes: 'dialect.contains(expression',
    },
    {
      error: '`contains` finds the text at the start only',
      file,
      was: 'dialect.contains(expression',
      becomes: 'dialect.startsWith(expression',
    },
  ],
  'where: nesting': [
    { error: '`or` is `and`', file, was: 'sql` or `,\n', becomes: 'sql` and `,\n' },
    {
      error: '`not` is left out',
      file,
      was: '(not ${filterSql(dialect, filter.part, column)})',
      becomes: '(${filterSql(dialect, filter.part, column)})',
    },
    {
      error: '`or` of nothing holds',
      file,
      was: 'sql<boolean>`(1 = 0)`\n        : sql<boolean>`(${sql.join(',
      becomes: 'sql<boolean>`(1 = 1)`\n        : sql<boolean>`(${sql.join(',
    },
    {
      error: '`and` of nothing does not hold',
      file,
      was: 'sql<boolean>`(1 = 1)`\n        : sql<boolean>`(${sql.join(',
      becomes: 'sql<boolean>`(1 = 0)`\n        : sql<boolean>`(${sql.join(',
      by: 'people',
    },
    {
      error: 'of several conditions the first counts only',
      file,
      was: 'filter.parts.flatMap(conjuncts)',
      becomes: 'filter.parts.slice(0, 1).flatMap(conjuncts)',
    },
    {
      error: 'the columns of a negated condition are overlooked',
      file,
      was: 'return columnsOf(filter.part);',
      becomes: 'return [];',
    },
  ],
  'where: on events or on cells': [
    {
      error: 'a dimension that is filtered does not split the cells',
      file: split,
      was: 'if (dimension) by.add(dimension);',
      becomes: '',
    },
    {
      error: 'a condition outside `by` picks cells of exact figures',
      file: split,
      was: 'events.push(filter);',
      becomes: 'cells.push(filter);',
    },
    {
      error: 'one condition may mix the period with members',
      file: split,
      was: 'columns.length > 1)',
      becomes: 'columns.length > 9)',
    },
    {
      error: 'one condition may mix events with cells',
      file: split,
      was: 'else if (narrowing.length === columns.length) {',
      becomes: 'else if (narrowing.length > 0) {',
    },
    {
      error: 'a filter on the period of grain ALL is not refused under disclosure control',
      file: split,
      was: "if (dimension === 'period') {",
      becomes: "if (dimension === 'PERIOD') {",
    },
    {
      error: 'the dimensions of event conditions are forgotten',
      of: 'bedOccupancy',
      file: split,
      was: "for (const column of columns) eventDimensions.add(outside(column) ?? '');",
      becomes: '',
    },
    {
      error: 'conditions on events are left out',
      file: 'loaders/plan/choose-cells.ts',
      was: 'eventFilter: [...scope, ...(own ? [own] : []), ...toSql(split.events)],',
      becomes: 'eventFilter: [...scope, ...(own ? [own] : [])],',
    },
    {
      error: 'a condition on days does not narrow the samples',
      of: 'bedOccupancy',
      file: 'loaders/plan/choose-cells.ts',
      was: "toSql(split.events.filter((filter) => columnsOf(filter).includes('period')))",
      becomes: '[]',
    },
    {
      error: 'a condition on trusts does not narrow the beds',
      of: 'bedOccupancy',
      file: 'loaders/plan/choose-cells.ts',
      was: 'trustFilter: [...scope, ...toSql(trustOnly)],',
      becomes: 'trustFilter: scope,',
    },
    {
      error: 'a condition finer than a trust leaves the beds of the trust',
      of: 'bedOccupancy',
      file: 'loaders/plan/choose-cells.ts',
      was: "name !== 'TRUST' && name !== 'period'",
      becomes: 'name === undefined',
    },
    {
      error: 'a condition on a name compares the code',
      file: 'loaders/plan/choose-cells.ts',
      was: "if (dimension.value.from !== 'key') {",
      becomes: "if (dimension.value.from === ('none' as string)) {",
    },
    {
      error: 'conditions on cells are left out',
      file: 'loaders/plan/page.ts',
      was: 'of request.filters.flatMap(conjuncts))',
      becomes: 'of request.filters.flatMap(conjuncts).slice(1))',
    },
  ],
};
