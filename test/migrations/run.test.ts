import { type Executor, migrate, plan, steps } from '../../migrations/run.js';
import type { Step } from '../../migrations/step.js';
import { lintTsql } from '../../src/warehouse/mssql/lint.js';

const engines = ['sqlserver', 'synapse'] as const;

/** A database that knows schemas, tables, roles and the rows of meta.migration, and refuses to make one twice. */
class Database implements Executor {
  readonly made = new Set<string>();
  readonly granted = new Set<string>();
  readonly migrations: [number, string][] = [];
  executed = 0;
  /** Dies at this statement, before or after the server has carried it out. */
  dies: { at: number; when: 'before' | 'after' } | undefined;

  async execute(sql: string): Promise<void> {
    this.executed++;
    const dying = this.dies?.at === this.executed ? this.dies.when : undefined;
    if (dying === 'before') throw new Error('killed');
    this.carryOut(sql);
    if (dying === 'after') throw new Error('killed');
  }

  private carryOut(sql: string): void {
    const object = /^CREATE (?:SCHEMA|TABLE|ROLE) (\S+)/.exec(sql)?.[1];
    const row =
      /^INSERT INTO \[meta\]\.\[migration\] .* SELECT (\d+), '\w+', '(\w+)', CAST\('[\d-]+T[\d:.]+' AS/.exec(
        sql,
      );
    if (object) {
      const schema = /^(\[\w+\])\.\[/.exec(object)?.[1];
      if (schema && !this.made.has(schema)) throw new Error(`no schema for ${object}`);
      if (this.made.has(object)) throw new Error(`${object} exists`);
      this.made.add(object);
    } else if (row) {
      if (!this.migrations.some(([id]) => id === Number(row[1])))
        this.migrations.push([Number(row[1]), row[2]!]);
    } else if (/^GRANT [\w, ]+(ON (SCHEMA|OBJECT)::\S+ )?TO \[\w+\]$/.test(sql)) {
      this.granted.add(sql);
    } else throw new Error(`cannot read: ${sql}`);
  }

  async query(sql: string): Promise<unknown[][]> {
    const table = /TABLE_SCHEMA = '(\w+)' AND TABLE_NAME = '(\w+)'/.exec(sql);
    const name = /FROM sys\.(?:schemas|database_principals) WHERE name = '(\w+)'/.exec(sql)?.[1];
    const object = table ? `[${table[1]}].[${table[2]}]` : name && `[${name}]`;
    if (object) return this.made.has(object) ? [[object]] : [];
    if (sql === 'SELECT [id], [hash] FROM [meta].[migration]') return [...this.migrations];
    throw new Error(`cannot read: ${sql}`);
  }
}

const complete = async (engine: (typeof engines)[number]) => {
  const database = new Database();
  await migrate(database, engine);
  return database;
};

describe.each(engines)('the steps on %s', (engine) => {
  it('are applied in order and recorded', async () => {
    const database = new Database();
    expect(await migrate(database, engine)).toEqual(['meta', 'state', 'identified', 'rights']);
    expect(database.migrations.map(([id]) => id)).toEqual([1, 2, 3, 4]);
    expect([...database.made]).toEqual([
      '[meta]',
      '[meta].[migration]',
      '[meta].[release]',
      '[state]',
      '[state].[event]',
      '[identified]',
      '[identified].[patient]',
      '[maplewood_reader]',
      '[maplewood_writer]',
      '[maplewood_state]',
      '[maplewood_identified]',
    ]);
  });

  it('are not applied again', async () => {
    const database = await complete(engine);
    const before = database.executed;
    expect(await migrate(database, engine)).toEqual([]);
    expect(database.executed).toBe(before);
  });

  const count = plan(engine).length + steps.length;
  const kills = Array.from({ length: count }, (_, i) => i + 1).flatMap((at) => [
    { at, when: 'before' as const },
    { at, when: 'after' as const },
  ]);

  it.each(kills)('come to the same end when killed $when statement $at', async (dies) => {
    const whole = await complete(engine);
    const database = new Database();
    database.dies = dies;
    await expect(migrate(database, engine)).rejects.toThrow('killed');
    database.dies = undefined;
    await migrate(database, engine);
    expect(database.made).toEqual(whole.made);
    expect(database.granted).toEqual(whole.granted);
    expect(database.migrations).toEqual(whole.migrations);
  });

  it('keep to the T-SQL of both engines, one statement each', () => {
    for (const text of plan(engine)) {
      expect(lintTsql(text)).toEqual([]);
      expect(text).not.toContain(';');
    }
  });

  it('refuse a database of a newer version', async () => {
    const database = await complete(engine);
    const older = migrate(database, engine, { all: steps.slice(0, 2) });
    await expect(older).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('migration 3'),
    });
  });

  it('refuse a step that was edited after it was applied', async () => {
    const database = await complete(engine);
    const edited = steps.map(
      (step): Step => (step.id === 2 ? { ...step, statements: () => [{ sql: 'CREATE SCHEMA [x]' }] } : step),
    );
    await expect(migrate(database, engine, { all: edited })).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('Migration 2 (state)'),
    });
  });

  it('apply only what a later version adds', async () => {
    const database = await complete(engine);
    const added: Step = { id: 5, name: 'more', statements: () => [{ sql: 'CREATE SCHEMA [more]' }] };
    expect(await migrate(database, engine, { all: [...steps, added] })).toEqual(['more']);
  });
});

describe('the steps', () => {
  it('refuse a database of the other engine', async () => {
    const database = await complete('sqlserver');
    await expect(migrate(database, 'synapse')).rejects.toMatchObject({ code: 'CONFIGURATION' });
  });

  it('are numbered without gaps', () => {
    expect(steps.map(({ id }) => id)).toEqual(steps.map((_, i) => i + 1));
  });

  it('declare no key that a dedicated pool would believe unchecked', () => {
    expect(plan('synapse').join('\n')).not.toContain('KEY');
    expect(plan('sqlserver').filter((text) => text.includes('PRIMARY KEY'))).toHaveLength(3);
  });

  it('give identity to the writer and its own role alone, and no role more than one purpose', () => {
    const about = (what: string) =>
      plan('synapse').filter((text) => text.startsWith('GRANT') && text.includes(what));
    expect(about('[identified]')).toEqual([
      'GRANT SELECT, INSERT, DELETE ON SCHEMA::[identified] TO [maplewood_writer]',
      'GRANT SELECT ON SCHEMA::[identified] TO [maplewood_identified]',
    ]);
    expect(about('[state]')).toEqual(['GRANT SELECT, INSERT ON SCHEMA::[state] TO [maplewood_state]']);
    expect(about('TO [maplewood_reader]')).toEqual(['GRANT SELECT ON SCHEMA::[meta] TO [maplewood_reader]']);
  });
});
