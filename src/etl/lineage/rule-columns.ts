import type { Contract } from '../contracts/contract.js';
import { badValue, type StageRules } from '../silver/rules.js';
import { bronzeTable, type Edge, end, silverTable } from './edge.js';
import { refersTo } from './expression-lineage.js';
import { baseTable, type Origin, type Relation, type Scope } from './relation.js';
import { tokensOf } from './sql-tokens.js';

/** A column that rules look at. */
export interface RuleColumn {
  readonly from: Edge['from'];
  readonly rules: readonly string[];
}

/** Columns that the rules of a dataset look at, with the rules, read from the SQL of the rules. */
export function ruleColumns(
  contract: Contract,
  contracts: ReadonlyMap<string, Contract>,
  rules: StageRules,
): { refusals: RuleColumn[]; flags: RuleColumn[] } {
  const bronze = bronzeTable(contract.dataset);
  const read = readerOf(contract, contracts);
  const gather = (tests: readonly { test: string; rule: string }[]): RuleColumn[] => {
    const byColumn = new Map<string, { from: Edge['from']; rules: Set<string> }>();
    for (const { test, rule } of tests) {
      for (const { table, column } of read(test)) {
        const from = end(table === bronze ? 'bronze' : 'silver', table, column);
        const key = `${table}.${column}`;
        const known = byColumn.get(key) ?? { from, rules: new Set<string>() };
        known.rules.add(rule);
        byColumn.set(key, known);
      }
    }
    return [...byColumn.values()].map(({ from, rules: ids }) => ({ from, rules: [...ids] }));
  };
  const refuse = [...rules.own.refuse, ...rules.linked.refuse];
  return {
    refusals: gather(refuse.map(({ test }, index) => ({ test, rule: rules.refusals[index]?.rule ?? '' }))),
    flags: gather(
      [...rules.own.flags, ...rules.linked.flags].map(({ test, bit }) => ({
        test,
        rule: rules.flags[bit]?.rule ?? '',
      })),
    ),
  };
}

/** Reads the columns of a rule's test: `t` is the row, `r0`, `r1` … the keys of the datasets that it refers to. */
function readerOf(contract: Contract, contracts: ReadonlyMap<string, Contract>) {
  const bronze = bronzeTable(contract.dataset);
  const columns = Object.keys(contract.columns);
  const row = baseTable(bronze, [...columns, '_batch', '_row', '_loaded_at', '_op']);
  const typed: Relation = {
    ...row,
    columns: new Map([
      ...row.columns,
      ...columns.map((column): [string, Origin] => [
        badValue(column),
        { from: [{ table: bronze, column }], direct: false, expression: column },
      ]),
    ]),
  };
  const keys = contract.references.map((reference, index) => {
    const referred = contracts.get(reference.dataset);
    if (!referred) throw new Error(`no contract for ${reference.dataset}`);
    const key = referred.key[0] ?? '';
    const table = silverTable(reference.dataset);
    const known = baseTable(
      table,
      ['date_of_birth'].filter((column) => column in referred.columns),
    );
    const asKey = { from: [{ table, column: key }], direct: true, expression: key };
    return {
      alias: `r${index}`,
      relation: { ...known, columns: new Map([...known.columns, ['key', asKey] as const]) },
      gives: 'rows' as const,
    };
  });
  const none = (): never => {
    throw new Error('lineage: a rule over one row has no subquery');
  };
  const scope: Scope = {
    relations: [{ alias: 't', relation: typed, gives: 'rows' }],
    aliases: new Map(),
    outer: {
      relations: keys,
      aliases: new Map(),
      outer: undefined,
      constants: new Map(),
      subquery: none,
    },
    constants: new Map(),
    subquery: none,
  };
  return (test: string) => refersTo(tokensOf(test), scope);
}
