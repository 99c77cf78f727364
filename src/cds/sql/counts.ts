import { sql } from 'kysely';
import type { Compiled } from './compile.js';
import { layOut, reading, renderingOf } from './layers.js';
import { asked, everybody, type Question } from './question.js';
import type { QueryOptions } from './rows.js';

/** What a rule came to over all patients. */
export interface Counts {
  readonly evaluated: number;
  readonly fired: number;
  /** Patients for whom the rule concludes NULL: something that it needs is not known. */
  readonly undecided: number;
}

/** How many patients a rule was evaluated for, and what came of it: one row. */
export function countsQuery(compiled: Compiled, options: QueryOptions): Question<Counts> {
  const { dialect } = options;
  const { concluded } = compiled.planAt(options.now);
  const { parts, last } = layOut([concluded], everybody(options), options);
  const rendering = renderingOf(last, options);
  const counted = (condition: ReturnType<typeof rendering.predicate>) =>
    sql`coalesce(${dialect.sumInt(sql`case when ${condition} then 1 else 0 end`)}, 0)`;
  const columns = {
    evaluated: dialect.countAll(),
    fired: counted(rendering.predicate(concluded)),
    undecided: counted(sql<boolean>`${rendering.value(concluded)} is null`),
  };
  const output = Object.keys(columns).map((name) => ({ name, type: { kind: 'int64' } as const }));
  const query = reading(parts, last.name, 'p').select(
    Object.entries(columns).map(([name, value]) => dialect.output(value, { kind: 'int64' }).as(name)),
  );
  return asked(query, output, options, (row) => ({
    evaluated: Number(row.get('evaluated')),
    fired: Number(row.get('fired')),
    undecided: Number(row.get('undecided')),
  }));
}
