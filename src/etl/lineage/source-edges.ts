import { bronzeColumns } from '../bronze/columns.js';
import type { Contract } from '../contracts/contract.js';
import { silverForm } from '../silver/current.js';
import { type CodeLists, stageRules } from '../silver/rules.js';
import { silverType } from '../silver/typed.js';
import { bronzeTable, type Edge, edge, end, referenceTable, silverTable } from './edge.js';
import { baseTable, type Relation } from './relation.js';
import { ruleColumns } from './rule-columns.js';
import { selectLineage } from './select-lineage.js';

/** Columns that silver has beside those of the contract. */
const silverOwn = ['_batch', '_row', '_loaded_at', '_flags'] as const;

/** Silver of a dataset as a relation that later steps read. */
export const silverRelation = ({ dataset, columns }: Contract): Relation =>
  baseTable(silverTable(dataset), [...Object.keys(columns), ...silverOwn]);

/** From the delivered files of a dataset over bronze to silver, by its contract. */
export function sourceEdges(
  contract: Contract,
  contracts: ReadonlyMap<string, Contract>,
  codeLists: CodeLists,
): Edge[] {
  return [...bronzeEdges(contract), ...silverEdges(contract, contracts, codeLists)];
}

const madeByBronze: Readonly<Record<string, string>> = {
  _batch: 'number of the delivery',
  _file: 'name of the delivered file',
  _sha256: 'digest of the delivered file',
  _row: 'number of the row in its file',
  _row_hash: 'digest of the whole row',
  _loaded_at: 'instant of loading',
};

function bronzeEdges({ dataset, columns, origin }: Contract): Edge[] {
  const bronze = bronzeTable(dataset);
  const delivered = Object.entries(columns).map(([column, declared]) => {
    const mapped = (declared.origin ?? origin) === 'fhir';
    const { aliases = [] } = declared;
    const names = aliases.length === 0 ? '' : `, also delivered as ${aliases.join(', ')}`;
    return edge(
      end('source', dataset, column),
      end('bronze', bronze, column),
      mapped ? 'derived' : 'direct',
      mapped ? 'mapped from FHIR resources' : `as sent${names}`,
    );
  });
  const rows = end('source', dataset);
  return [
    edge(rows, end('bronze', bronze), 'direct', 'every row as sent'),
    ...delivered,
    ...bronzeColumns.map((column) =>
      edge(rows, end('bronze', bronze, column), 'derived', madeByBronze[column] ?? null),
    ),
    edge(rows, end('bronze', bronze, '_op'), 'direct', 'what a row of a change file does to its key'),
  ];
}

function silverEdges(
  contract: Contract,
  contracts: ReadonlyMap<string, Contract>,
  codeLists: CodeLists,
): Edge[] {
  const { dataset, columns } = contract;
  const silver = silverTable(dataset);
  const rules = stageRules(contract, codeLists);
  const names = ruleColumns(contract, contracts, rules);
  const staged = selectLineage(`select ${silverForm(contract)} from ${bronzeTable(dataset)} t`, (name) =>
    name === bronzeTable(dataset) ? baseTable(name, Object.keys(columns)) : undefined,
  );
  const values = [...staged.columns].flatMap(([column, { from, direct }]) =>
    from.map((one) =>
      edge(
        end('bronze', one.table, one.column),
        end('silver', silver, column),
        direct ? 'direct' : 'derived',
        silverStep(contract, column),
      ),
    ),
  );
  const own = silverOwn.flatMap((column) =>
    column === '_flags'
      ? []
      : [edge(end('bronze', bronzeTable(dataset), column), end('silver', silver, column), 'direct')],
  );
  const toRows = end('silver', silver);
  return [
    edge(end('bronze', bronzeTable(dataset)), toRows, 'direct', 'the current row of each key'),
    ...values,
    ...own,
    ...names.flags.map(({ from, rules: ids }) =>
      edge(from, end('silver', silver, '_flags'), 'derived', `warnings: ${ids.join(', ')}`),
    ),
    ...Object.entries(columns).flatMap(([column, { codes }]) =>
      typeof codes === 'string'
        ? [
            edge(
              end('reference', referenceTable(codes), 'code'),
              end('silver', silver, '_flags'),
              'derived',
              `CODE_UNKNOWN of ${column}`,
            ),
          ]
        : [],
    ),
    ...names.refusals.map(({ from, rules: ids }) =>
      edge(from, toRows, 'filter', `refused by ${ids.join(', ')}`),
    ),
    ...[...contract.key, '_batch', '_row'].map((column) =>
      edge(
        end('bronze', bronzeTable(dataset), column),
        toRows,
        'filter',
        `one row a key: ${contract.duplicateRule}`,
      ),
    ),
    edge(end('bronze', bronzeTable(dataset), '_op'), toRows, 'filter', 'a deleted key has no row'),
  ];
}

/** What becomes of a delivered value, in words. */
function silverStep(contract: Contract, columnName: string): string {
  const column = contract.columns[columnName];
  if (!column) throw new Error(`contract ${contract.dataset} has no column ${columnName}`);
  const nullified = contract.rules.filter((rule) => rule.nullify && rule.column === columnName);
  const rules = [...(column.sentinels ? [column.sentinels.rule] : []), ...nullified.map(({ id }) => id)];
  return [
    `typed as ${silverType(column.type)}`,
    column.upper ? 'in upper case' : '',
    column.type.kind === 'codes' ? 'each code once' : '',
    rules.length > 0 ? `null where ${rules.join(', ')}` : '',
  ]
    .filter((step) => step !== '')
    .join(', ');
}
