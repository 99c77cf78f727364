import { createHash } from 'node:crypto';
import type { TsqlEngine } from '../src/warehouse/mssql/ddl.js';

/** One statement, sent in a batch of its own: CREATE SCHEMA must stand alone, and nothing is in a transaction. */
export interface StepStatement {
  readonly sql: string;
  /** Returns a row if the statement has been carried out. Without it the statement may simply run again. */
  readonly exists?: string;
}

/** A numbered change of what outlasts a release. A step that has been applied anywhere is never edited. */
export interface Step {
  readonly id: number;
  readonly name: string;
  statements(engine: TsqlEngine): readonly StepStatement[];
}

/** SHA-256 over the step's text for an engine, in hexadecimal. */
export function hashOf(step: Step, engine: TsqlEngine): string {
  return createHash('sha256')
    .update(JSON.stringify(step.statements(engine)))
    .digest('hex');
}

export const createSchema = (name: string): StepStatement => ({
  sql: `CREATE SCHEMA [${name}]`,
  exists: `SELECT name FROM sys.schemas WHERE name = '${name}'`,
});

export const createTable = (schema: string, name: string, sql: string): StepStatement => ({
  sql,
  exists: tableExists(schema, name),
});

export const tableExists = (schema: string, name: string): string =>
  `SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = '${schema}' AND TABLE_NAME = '${name}'`;

export const createRole = (name: string): StepStatement => ({
  sql: `CREATE ROLE [${name}]`,
  exists: `SELECT name FROM sys.database_principals WHERE name = '${name}' AND type = 'R'`,
});

/** A right that is granted twice is granted once. */
export const grant = (rights: string, role: string): StepStatement => ({
  sql: `GRANT ${rights} TO [${role}]`,
});

/** Storage of a small table that is only appended to; SQL Server takes its default. */
export const appended = (engine: TsqlEngine): string =>
  engine === 'synapse' ? '\nWITH (DISTRIBUTION = ROUND_ROBIN, HEAP)' : '';
