import type { PlantedErrors } from '../planted-error.js';

const file = 'loaders/plan/page.ts';
const order = 'loaders/plan/order.ts';
const firstCells = 'loaders/plan/first-cells.ts';

export const pageErrors: PlantedErrors = {
  orderBy: [
    {
      error: 'the direction is turned round',
      file,
      was: "descending ? 'desc' : 'asc'",
      becomes: "descending ? 'asc' : 'desc'",
    },
    {
      error: 'nulls come first',
      file: order,
      was: 'is null then 1 else 0 end`',
      becomes: 'is null then 0 else 1 end`',
    },
    {
      error: 'rows that tie have no order',
      file: order,
      was: '[...orderBy, ...identity.map((column) => ({ column, descending: false }))]',
      becomes: '(orderBy.length > 0 ? orderBy : identity.map((column) => ({ column, descending: false })))',
    },
    {
      error: 'the period is no part of the order',
      file: 'loaders/plan/measures.ts',
      was: "...(question.grain === 'ALL' ? [] : [['period', cellKey('period', day)] as const]),",
      becomes: '',
    },
    {
      error: 'a dimension that is ordered by does not split the cells',
      file: 'loaders/plan/split.ts',
      was: "if (dimension && dimension !== 'period') by.add(dimension);",
      becomes: '',
    },
    {
      error: 'the direction is turned round where the page is found before the measures',
      file: firstCells,
      was: "descending ? 'desc' : 'asc'",
      becomes: "descending ? 'asc' : 'desc'",
    },
    {
      error: 'a page ordered by a measure is found before the measures',
      file: firstCells,
      was: 'named.some((name) => !keys.has(name))',
      becomes: 'filters.flatMap(columnsOf).some((name) => !keys.has(name))',
    },
    {
      error: 'rows below a patient are ascending always',
      file,
      was: 'descending ? sql`${expression} desc` : expression',
      becomes: 'expression',
      by: 'people',
    },
  ],
  after: [
    {
      error: 'the row of an ascending cursor comes again',
      file: order,
      was: 'sql<boolean>`${expression} > ${bound}`',
      becomes: 'sql<boolean>`${expression} >= ${bound}`',
    },
    {
      error: 'the row of a descending cursor comes again',
      file: order,
      was: 'sql<boolean>`${expression} < ${bound}`',
      becomes: 'sql<boolean>`${expression} <= ${bound}`',
      by: 'people',
    },
    {
      error: 'nulls do not come after a value',
      file: order,
      was: 'sql<boolean>`(${beyond} or ${expression} is null)`',
      becomes: 'beyond',
    },
    {
      error: 'a later column counts whatever the earlier ones are',
      file: order,
      was: 'sql.join([...equal, later]',
      becomes: 'sql.join([later]',
    },
    {
      error: 'what comes behind a null may be no null',
      file: order,
      was: 'equal.push(sql<boolean>`${expression} is null`)',
      becomes: 'equal.push(sql<boolean>`1 = 1`)',
      by: 'people',
    },
    {
      error: 'behind a row of nulls everything comes',
      file: order,
      was: 'sql<boolean>`(1 = 0)`\n    : sql<boolean>`(${sql.join(alternatives',
      becomes: 'sql<boolean>`(1 = 1)`\n    : sql<boolean>`(${sql.join(alternatives',
    },
    {
      error: 'the cursor is left out',
      file,
      was: 'if (request.after) {',
      becomes: 'if (request.after && request.first > 2) {',
    },
    {
      error: 'the cursor is left out where the page is found before the measures',
      file: firstCells,
      was: 'if (after) page',
      becomes: 'if (after && first > 2) page',
    },
  ],
  first: [
    {
      error: 'no row tells that there is a next page',
      file,
      was: 'firstOf(page, order, columns, request.first + 1, context)',
      becomes: 'firstOf(page, order, columns, request.first, context)',
    },
    {
      error: 'no row tells that there is a next page where the page is found before the measures',
      file: firstCells,
      was: 'page.top(first + 1)',
      becomes: 'page.top(first)',
    },
    {
      error: 'no row tells that there is a next page below a patient',
      file,
      was: 'firstOfEach(page, order, columns, request.first + 1, context)',
      becomes: 'firstOfEach(page, order, columns, request.first, context)',
      by: 'people',
    },
  ],
  totalCount: [
    {
      error: 'it counts what is behind the cursor',
      file,
      was: 'if (request.fewest !== undefined) filtered',
      becomes:
        'if (request.after) filtered = filtered.where(afterSql(request.after, order));\n  if (request.fewest !== undefined) filtered',
    },
    {
      error: 'behind the last row it counts what the filter leaves out too',
      file,
      was: ': filtered.select(count),',
      becomes: ": (gold.selectFrom(request.rows.as('r')) as unknown as DynamicQuery).select(count),",
    },
    {
      error: 'it counts the rows of all patients together',
      file,
      was: 'perPatient ? sql`partition by ${patient}` : sql``',
      becomes: 'sql``',
      by: 'people',
    },
  ],
  'rows of tables': [
    {
      error: 'conditions are left out',
      file: 'loaders/plan/rows.ts',
      was: 'question.where ? [question.where] : [],',
      becomes: '[],',
      by: 'tables',
    },
    {
      error: 'nulls are not known of',
      file: 'loaders/plan/rows.ts',
      was: 'nullable: column.nullable ?? false',
      becomes: 'nullable: false',
      by: 'tables',
    },
  ],
};
