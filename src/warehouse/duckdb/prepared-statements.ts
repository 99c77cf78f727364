import { type DuckDBConnection, type DuckDBPreparedStatement, StatementType } from '@duckdb/node-api';

/** Texts of which is remembered whether their plan is good for one run. */
const mostKnown = 2_000;

/** Whether the engine runs the plan of a statement again: one with parameters it plans each time. */
const mayRunAgain = ({ parameterCount, statementType }: DuckDBPreparedStatement): boolean =>
  parameterCount === 0 && statementType === StatementType.SELECT;

/** Statements of one connection that are kept prepared: parsing and binding cost as much as a small read. */
export class PreparedStatements {
  private readonly byText = new Map<string, DuckDBPreparedStatement>();

  /** `runOnce`: whether the plan of a text is good for one run, as far as it is known; connections of one database share it. */
  constructor(
    private readonly connection: DuckDBConnection,
    private readonly limit: number,
    private readonly runOnce = new Map<string, boolean>(),
  ) {}

  /** A statement to be run once, and then given back with `done`. */
  async get(text: string): Promise<DuckDBPreparedStatement> {
    const known = this.byText.get(text);
    if (known) {
      this.byText.delete(text);
      this.byText.set(text, known);
      return known;
    }
    const prepared = await this.connection.prepare(text);
    if (mayRunAgain(prepared) && (await this.isRunOnce(text))) return prepared;
    this.byText.set(text, prepared);
    for (const [oldest, statement] of this.byText) {
      if (this.byText.size <= this.limit) break;
      this.byText.delete(oldest);
      statement.destroySync();
    }
    return prepared;
  }

  done(text: string, statement: DuckDBPreparedStatement): void {
    if (this.byText.get(text) !== statement) statement.destroySync();
  }

  forget(text: string): void {
    this.byText.delete(text);
  }

  /**
   * Whether the plan of a statement without parameters is good for one run. The engine makes a new plan for each run of one
   * with parameters, and runs that of another again; but of 1.5.6 the second run of a join by two inequalities is an internal
   * error, after which the database answers nothing any more.
   */
  private async isRunOnce(text: string): Promise<boolean> {
    const known = this.runOnce.get(text);
    if (known !== undefined) return known;
    // Prepared, so that it is one statement whatever the text is.
    const explain = await this.connection.prepare(`explain (format json) ${text}`);
    const explained = await explain.runAndReadAll();
    explain.destroySync();
    const found = explained.getRows().some(([, plan]) => String(plan).includes('"IE_JOIN"'));
    if (this.runOnce.size >= mostKnown) this.runOnce.clear();
    this.runOnce.set(text, found);
    return found;
  }
}
