import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import type { Gold } from './gold/index.js';

/** Builds queries of a release's tables. Nothing is executed through it; each engine compiles and runs them itself. */
export function goldBuilder(schema?: string): Kysely<Gold> {
  const builder = new Kysely<Gold>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  return schema === undefined ? builder : builder.withSchema(schema);
}
