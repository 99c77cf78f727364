import type { PlantedErrors } from '../planted-error.js';

const file = 'measures/cells.ts';
const choose = 'loaders/plan/choose-cells.ts';
const mart = 'measures/mart.ts';

export const cellErrors: PlantedErrors = {
  by: [
    {
      error: 'the last of three dimensions does not split the cells of a mart',
      of: 'edWaits lengthOfStay costs',
      file: mart,
      was: 'splitBy(source, by).reduce(',
      becomes: 'splitBy(source, by).slice(0, 2).reduce(',
    },
    {
      error: 'cells of all sets of dimensions come together',
      file: mart,
      was: ".where('by_set', '=', sql.lit(number))",
      becomes: '',
    },
    {
      error: 'a name is one of any code list',
      of: 'edWaits lengthOfStay',
      file: 'loaders/plan/measures.ts',
      was: "\n            .on(`${alias}.code_list` as never, '=', sql.lit(list) as never)",
      becomes: '',
    },
    {
      error: 'cells of nothing are a row',
      file,
      was: "if (!question.counted) cells = cells.having(dialect.countAll(), '>', sql.lit(0));",
      becomes: '',
    },
  ],
  grain: [
    {
      error: 'months are quarters',
      file,
      was: "query.select(dialect.bucket(question.grain as CalendarGrain, sql.ref('day'))",
      becomes:
        "query.select(dialect.bucket((question.grain === 'MONTH' ? 'QUARTER' : question.grain) as CalendarGrain, sql.ref('day'))",
    },
    {
      error: 'cells of all grains of a mart come together',
      file: mart,
      was: ".where('grain', '=', sql.lit(grain))",
      becomes: '',
    },
    {
      error: 'a mart is asked for a finer grain than it keeps',
      file: mart,
      was: '!found || !isFinerOrEqual(found.finest, grain)',
      becomes: '!found',
    },
    {
      error: 'weeks of a mart are filled with months',
      of: 'bedOccupancy edWaits',
      file: 'measures/buckets.ts',
      was: "WEEK: 'week_start'",
      becomes: "WEEK: 'month_start'",
      inMarts: true,
    },
    {
      error: 'the last year that is covered is the year before',
      of: 'populationHealth',
      file: 'loaders/plan/year.ts',
      was: "bucketStart('YEAR', addDays(dataAsOf, 1))",
      becomes: "addDays(bucketStart('YEAR', dataAsOf), -1)",
    },
  ],
  arguments: [
    {
      error: 'they are the defaults always',
      of: 'costs readmissions careTransitions populationHealth',
      file: 'schema/declare/arguments.ts',
      was: 'given[name] ?? argument.default',
      becomes: 'argument.default',
    },
    {
      error: 'a mart is used for events that it does not count',
      of: 'costs careTransitions',
      file: choose,
      was: 'list === dataset.parts && sameCondition(condition, counted?.(argumentsOf(dataset.arguments)) ?? {})',
      becomes: 'list === dataset.parts',
    },
    {
      error: 'events that do not count for the arguments are counted',
      of: 'costs careTransitions readmissions',
      file: choose,
      was: 'narrowed(dataset.source, condition)',
      becomes: 'dataset.source',
    },
    {
      error: 'a measure by an argument is that of its first value',
      of: 'populationHealth edWaits',
      file: 'schema/declare/arguments.ts',
      was: 'is.cases[String(args[is.argument])]',
      becomes: 'Object.values(is.cases)[0]',
    },
    {
      error: 'a year is not regarded at grain YEAR',
      of: 'populationHealth',
      file: 'loaders/plan/year.ts',
      was: "(grain !== 'YEAR' || year === null)",
      becomes: 'true',
    },
    {
      error: 'the cells of every year are those of one',
      of: 'populationHealth',
      file: 'loaders/plan/measures.ts',
      was: '...(only === undefined ?',
      becomes: '...(only !== null ?',
    },
    {
      error: 'a census that no source has is that of midnight',
      of: 'bedOccupancy',
      file: 'loaders/plan/released.ts',
      was: "column.sensitivity !== 'O'",
      becomes: "column.sensitivity === 'D'",
    },
  ],
  'mart or events': [
    {
      error: 'a mart is used despite a condition on events',
      file: choose,
      was: 'if (split.events.length === 0 && !dated && usual)',
      becomes: 'if (!dated && usual)',
    },
    {
      error: 'a mart is used for beds of an earlier day',
      of: 'bedOccupancy',
      file: choose,
      was: 'if (split.events.length === 0 && !dated && usual)',
      becomes: 'if (split.events.length === 0 && usual)',
    },
    {
      error: 'cells of several trusts stand for those of the scope',
      file: choose,
      was: 'trusts.length === 1 ?',
      becomes: 'trusts.length > 0 ?',
    },
  ],
  asOf: [
    {
      error: 'what was loaded with the first instant of the next day was known',
      of: 'bedOccupancy edCrowding',
      file: 'measures/as-of.ts',
      was: 'valid_from < ${moment}',
      becomes: 'valid_from <= ${moment}',
    },
    {
      error: 'what was replaced with that instant was not known any more',
      of: 'bedOccupancy edCrowding',
      file: 'measures/as-of.ts',
      was: 'valid_to >= ${moment}',
      becomes: 'valid_to > ${moment}',
    },
    {
      error: 'what still holds was never known',
      of: 'bedOccupancy edCrowding',
      file: 'measures/as-of.ts',
      was: '(valid_to is null or valid_to >= ${moment})',
      becomes: 'valid_to >= ${moment}',
    },
    {
      error: 'the day itself is left out',
      of: 'bedOccupancy edCrowding',
      file: 'loaders/plan/as-of.ts',
      was: 'midnight(addDays(asOf, 1))',
      becomes: 'midnight(asOf)',
    },
    {
      error: 'days end at midnight of Greenwich',
      of: 'bedOccupancy edCrowding',
      file: 'loaders/plan/as-of.ts',
      was: 'ahead * 3_600_000',
      becomes: 'ahead * 0',
    },
    {
      error: 'the day of the first load is refused',
      of: 'bedOccupancy edCrowding',
      file: 'loaders/plan/as-of.ts',
      was: 'asOf < release.firstLoad',
      becomes: 'asOf <= release.firstLoad',
    },
    {
      error: 'names are those of now',
      of: 'bedOccupancy edCrowding lengthOfStay',
      file: 'loaders/plan/measures.ts',
      was: 'asOf !== undefined && versionsOf.has(table)',
      becomes: 'asOf === null && versionsOf.has(table)',
    },
    {
      error: 'beds are those of now',
      of: 'bedOccupancy',
      file: choose,
      was: '...(asOf === undefined ? {} : { asOf }),',
      becomes: '',
    },
    {
      error: 'rounded figures have it too',
      file: 'loaders/plan/measures.ts',
      was: "question.asOf !== undefined && context.grant.profile !== 'exact'",
      becomes: "question.asOf !== undefined && context.grant.profile === 'none'",
    },
    {
      error: 'patients are those of now',
      file: 'schema/people/relation.ts',
      was: 'const versioned = ofPatients && asOf !== undefined;',
      becomes: 'const versioned = false;',
      by: 'people',
    },
    {
      error: 'names of rows are those of now',
      file: 'schema/people/relation.ts',
      was: 'asOf !== undefined && versionsOf.has(table)',
      becomes: 'asOf === null && versionsOf.has(table)',
      by: 'people',
    },
  ],
};
