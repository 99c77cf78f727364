import { lintTsql } from '../../../src/warehouse/mssql/lint.js';

describe('the lint of T-SQL text', () => {
  it.each([
    ['select a from t limit 5', 'limit'],
    ['select a from t order by a offset 5 rows', 'offset'],
    ['select a from t order by a FETCH NEXT 5 rows only', 'fetch next'],
    ['select top(5) with ties a from t', 'top modifier'],
    ['select top (@1) a from t', 'top parameter'],
    ['select a from t order by a nulls last', 'nulls first or last'],
    ['select a::int from t', '::'],
    ["select a || 'x' from t", '||'],
    ['select a // 5 from t', '//'],
    ['select sum(a) filter (where a > 1) from t', 'filter ('],
    ['select a from t qualify row_number() over (order by a) = 1', 'qualify'],
    ['select a from t join u using (id)', 'using ('],
    ['select a from t where a ilike @1', 'ilike'],
    ['with recursive c as (select 1 as a) select a from c', 'recursive'],
    ['select a from t where b = true', 'literal boolean'],
    ['select a from t where a is not distinct from b', 'is distinct from'],
    ['select a from t for json path', 'for json or xml'],
    ["select * from openrowset(bulk 'x') as r", 'openxml or openrowset'],
    ['select * from t unpivot (a for b in (c)) as u', 'pivot'],
    ['select a from t group by rollup(a)', 'grouping sets'],
    ['select a from t group by grouping sets ((a), ())', 'grouping sets'],
    ['merge t using u on t.a = u.a', 'merge'],
    ['insert into t (a) output inserted.a select 1', 'output'],
    ['insert into t (a, b) values (1, upper(@1)), (2, @2)', 'several rows of values'],
    ['select a from (values (1)) as v(a)', 'values as a table'],
    ['select a from t cross apply (values (a)) as v(b)', 'values as a table'],
    ['select a from t, lateral (select 1 as b) as l', 'lateral'],
    ["select translate(a, 'x', 'y') from t", 'translate'],
    ["select string_escape(a, 'json') from t", 'string_escape'],
    ["select choose(1, 'a')", 'choose'],
    ['select try_parse(a as int) from t', 'parse('],
    ["select format(a, 'd') from t", 'format('],
    ['select a from t where a like @1', 'like with a parameter'],
    ["select a from t where a like concat(@1, '%')", 'like with a parameter'],
    ['select len(a) from t', 'length in a measure'],
    ['select datalength(a) from t', 'length in a measure'],
    ['select checksum(a) from t', 'checksum'],
    ['select datetrunc(month, a) from t', 'date functions of 2022'],
    ['select greatest(a, b) from t', 'greatest or least'],
    ['select value from generate_series(1, 5)', 'generate_series'],
    ['select percentile_cont(0.5) within group (order by a) over () from t', 'percentile_'],
    ['select approx_count_distinct(a) from t', 'approx_'],
    ['select count(*) from t', 'count without _big'],
    ['select avg(a) from t', 'avg without a cast'],
    ["select session_context(N'role')", 'session_context'],
    ['select a into #x from t', 'temporary table'],
    ['declare @x int', 'declare @'],
    ["exec sp_getapplock 'x'", 'sp_getapplock'],
    ['create table t (a int identity(1, 1))', 'identity'],
    ['select scope_identity()', 'identity'],
    ['select getdate()', 'getdate'],
    ["waitfor delay '00:01'", 'waitfor'],
    ['use master', 'use'],
    ['set nocount on', 'set'],
    ['select a from x.[gold].t', 'three-part name'],
    ['select datediff(week, a, b) from t', 'week by settings'],
    ['select datepart(weekday, a) from t', 'week by settings'],
    ["select hashbytes('SHA2_256', a) from t", 'hashbytes'],
    ['select convert(varchar(10), a, 126) from t', 'convert with a style'],
    ['select convert(binary(16), a, 1) from t', 'convert with a style'],
  ])('finds in: %s', (text, rule) => {
    expect(lintTsql(text)).toContain(rule);
  });

  it.each([
    'select top(26) [a] from [gold_r1].[t] where [a] = @1 order by [a]',
    'select count_big(*), avg(cast(a as float)), sum(cast(b as bigint)) from gold_r1.t group by c',
    "select a from t where b = 'limit 5 || #x' -- offset 5\n/* use master */",
    'select [limit], [output], [a::b], "set" from t',
    "select a from t where a like 'J4%'",
    'select t.k from t where t.k = convert(binary(16), @1, 2)',
    'select convert(varchar(40), cast(a as decimal(18, 4))) from t',
    "select cast(hashbytes('SHA2_256', @1 + patient_sk + subject_sk) as binary(16)) from t",
    'insert into t (a) values (@1)',
    'insert into t (a, b) select upper(a), coalesce(b, 1) from u',
    'grant select on schema::[gold_r1] to [maplewood_reader]',
    "select datediff(day, cast('1900-01-01' as date), a) % 7 from t",
    'select a from t offset_time where limits = 1',
  ])('lets pass: %s', (text) => {
    expect(lintTsql(text)).toEqual([]);
  });

  it('sees through an escaped quotation mark in a literal', () => {
    expect(lintTsql("select 'it''s' from t limit 5")).toEqual(['limit']);
    expect(lintTsql("select 'it''s limit 5' from t")).toEqual([]);
  });
});
