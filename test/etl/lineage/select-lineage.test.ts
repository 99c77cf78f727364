import { baseTable, type Relation } from '../../../src/etl/lineage/relation.js';
import { selectLineage } from '../../../src/etl/lineage/select-lineage.js';

const tables = new Map<string, Relation>([
  ['spell', baseTable('spell', ['id', 'patient_id', 'admitted', 'discharged', 'left', 'status'])],
  ['person', baseTable('person', ['patient_id', 'born', 'practice'])],
  ['specialty.csv', baseTable('specialty.csv', ['code', 'display'])],
]);
const lineage = (sql: string, constants = new Map()) =>
  selectLineage(sql, (name) => tables.get(name), constants);

/** Origins as `alias: table.column …`, with `=` where the value is kept. */
const columns = (sql: string): string[] =>
  [...lineage(sql).columns].map(
    ([name, { from, direct }]) =>
      `${name}${direct ? '=' : ':'} ${from.map(({ table, column }) => `${table}.${column}`).join(' ')}`,
  );
const filters = (sql: string): string[] =>
  lineage(sql).filters.map(({ table, column }) => `${table}.${column}`);

describe('the columns of a SELECT', () => {
  it('keep a value or compute it', () => {
    expect(
      columns('select s.id, s."admitted" as day, s.discharged - s.admitted as los from spell s'),
    ).toEqual(['id= spell.id', 'day= spell.admitted', 'los: spell.discharged spell.admitted']);
  });

  it('are not found in texts, functions, types, intervals and typed constants', () => {
    expect(
      columns(
        `select left(s.status, 1) as a, cast(s.id as date) as b, s.admitted + interval 1 day as c, DATE '2020-01-01' as d, 's.born' || s.id as e from spell s`,
      ),
    ).toEqual(['a: spell.status', 'b: spell.id', 'c: spell.admitted', 'd: ', 'e: spell.id']);
  });

  it('are found without a qualifier, and as names of the select list', () => {
    expect(columns('select admitted as day, day is null as none from spell')).toEqual([
      'day= spell.admitted',
      'none: spell.admitted',
    ]);
  });

  it('count what a window is made by', () => {
    expect(
      columns(
        'select lead(s.admitted) over (partition by s.patient_id order by s.id rows between unbounded preceding and 1 preceding) as next from spell s',
      ),
    ).toEqual(['next: spell.admitted spell.patient_id spell.id']);
  });

  it('are followed through joined subqueries, stars, unions and functions that make rows', () => {
    expect(
      columns(
        `select k.code, p.practice from (select status as code from spell union all select upper(practice) from person) k left join person p on k.code = p.practice`,
      ),
    ).toEqual(['code: spell.status person.practice', 'practice= person.practice']);
    expect(
      columns('select * exclude (id, "left") from (select id, s.left, admitted from spell s) t'),
    ).toEqual(['admitted= spell.admitted']);
    expect(
      columns(
        'select cast(d as date) as day from generate_series(0, (select max(discharged) from spell), interval 1 day) t(d)',
      ),
    ).toEqual(['day: spell.discharged']);
  });

  it('come from a reference file by its name', () => {
    expect(
      columns(
        `select max(r.display) as name from (select distinct status from spell) f left join read_csv('/some where/specialty.csv', all_varchar = true) r on f.status = r.code group by f.status`,
      ),
    ).toEqual(['name: specialty.csv.display']);
  });

  it('leave the parameters of a lambda alone', () => {
    expect(
      columns(
        `select list_filter(string_split(s.status, ','), lambda x, i: list_position(string_split(s.status, ','), x) = i) as codes from spell s`,
      ),
    ).toEqual(['codes: spell.status']);
  });

  it('name the day that stands as a constant', () => {
    const days = new Map([['0001-01-03', { table: 'release_day', column: 'data_as_of' }]]);
    const found = lineage(`select coalesce(s.discharged, DATE '0001-01-03' + 1) as until from spell s`, days);
    expect(found.columns.get('until')?.from).toEqual([
      { table: 'spell', column: 'discharged' },
      { table: 'release_day', column: 'data_as_of' },
    ]);
  });
});

describe('the rows of a SELECT', () => {
  it('come from the joined tables, and hang on what is compared', () => {
    const sql =
      'select s.id from spell s join person p on s.patient_id = p.patient_id left join person q on left(q.practice, 1) = p.practice where s.status is distinct from p.born';
    expect(lineage(sql).rows).toEqual(['spell', 'person']);
    expect(filters(sql)).toEqual([
      'spell.patient_id',
      'person.patient_id',
      'person.practice',
      'spell.status',
      'person.born',
    ]);
  });

  it('come from one side only of a semi or anti join', () => {
    const sql = 'select id from spell anti join person using (patient_id)';
    expect(lineage(sql).rows).toEqual(['spell']);
    expect(filters(sql)).toEqual(['spell.patient_id', 'person.patient_id']);
  });

  it('hang on the columns of a subquery in a condition', () => {
    expect(
      filters('select id from spell where status in (select practice from person where born is not null)'),
    ).toEqual(['spell.status', 'person.practice', 'person.born']);
  });
});

describe('what is not understood', () => {
  it.each([
    ['a column that the table lacks', 'select s.nothing from spell s', 's has no column nothing'],
    ['an unknown plain name', 'select nothing from spell', 'nothing is no column'],
    ['an unknown alias', 'select x.id from spell s', 'x is no relation'],
    ['an unknown table', 'select id from elsewhere', 'relation elsewhere'],
    ['a name of two relations', 'select upper(patient_id) as a from spell s, person p', 'several relations'],
    [
      'branches of different width',
      'select id, status from spell union select practice from person',
      'UNION',
    ],
    ['no SELECT', 'from spell', 'no SELECT'],
  ])('is an error: %s', (_title, sql, message) => expect(() => lineage(sql)).toThrow(message));
});

it('tells what is done without any constant', () => {
  const found = lineage(
    `select case when s.status in ('A', 'B', 'C') then 'x' else s."status" end as a from spell s`,
  );
  expect(found.columns.get('a')?.expression).toBe('case when s.status in (…) then … else s.status end');
});
