import type { Contract, SourceColumn, SourceType } from '../../src/etl/contracts/contract.js';
import { contracts } from '../../src/etl/contracts/index.js';
import { code, codes, type Page, page, table } from './page.js';

const actions = {
  reject: 'quarantined',
  warn: 'kept, counted as a warning',
  info: 'kept, counted',
} as const;

/** `docs/reference/data-dictionary.md`: the source contracts. */
export function dataDictionary(): Page {
  const all = [...contracts.values()];
  return page('docs/reference/data-dictionary.md', 'Data dictionary of the sources', '`src/etl/contracts/`', [
    'What a delivered table must look like. Reading, checking, quarantine and the run report follow these contracts.',
    table(
      ['dataset', 'key', 'first release needs it', 'what it holds'],
      all.map((contract) => [
        `[${contract.dataset}](#${contract.dataset})`,
        codes(contract.key),
        contract.requiredForRelease ? 'yes' : '',
        contract.description,
      ]),
    ),
    [
      'How to read the tables:',
      '',
      '- **present**: `value` means that a row without a value is quarantined, `column` that a file without the column is quarantined, and nothing that a missing column counts as null, with a warning.',
      '- **class** (sensitivity): D direct identifier, Q quasi-identifier, S sensitive, W about staff, O open. Columns of class D reach no role.',
      '- **Codes and forms**: a value outside is kept and counted as a warning (`CODE_UNKNOWN`, `FORMAT_UNUSUAL`).',
      '- Column names are found in any order and case, also under the other names listed.',
    ].join('\n'),
    'Every dataset has these rules as well: `KEY_MISSING` (a key is empty), `TYPE_INVALID` (the value is not of the type), `VALUE_MISSING` (a required value is empty), `DATE_IMPLAUSIBLE` (before 1890, or later than the day of load where it cannot be planned) and `BIRTH_AFTER_EVENT` (before the birth of the patient) quarantine the row.',
    ...all.flatMap(section),
  ]);
}

function section(contract: Contract): string[] {
  const rules = [
    ...contract.rules.map(({ id, column, action, reason, nullify }) => [
      code(id),
      code(column),
      `${actions[action]}${nullify ? '; the value is dropped' : ''}`,
      reason,
    ]),
    ...contract.references.map(({ rule, column, dataset, action }) => [
      code(rule),
      code(column),
      actions[action],
      `it is not the key of a row of ${dataset}`,
    ]),
    [
      code(contract.duplicateRule),
      codes(contract.key),
      'the first row is kept; surplus rows are counted as duplicates',
      'the key occurs more than once in a file',
    ],
  ];
  return [
    `## ${contract.dataset}`,
    `${contract.description} Contract version ${contract.version}; key ${codes(contract.key)}.`,
    table(
      ['column', 'type', 'present', 'class', 'meaning', 'codes, form, other names'],
      Object.entries(contract.columns).map(([name, column]) => [
        code(name),
        type(column.type),
        column.required ? 'value' : column.mustExist ? 'column' : '',
        column.sensitivity,
        column.description,
        notes(column),
      ]),
    ),
    table(['rule', 'column', 'what happens to the row', 'when'], rules),
  ];
}

function type(source: SourceType): string {
  switch (source.kind) {
    case 'text':
      return `text, at most ${source.length}`;
    case 'codes':
      return `codes, comma-separated, at most ${source.length}`;
    case 'integer':
      return `whole number ${source.min}–${source.max}`;
    case 'decimal':
      return `decimal(${source.precision}, ${source.scale}) from ${source.min}`;
    case 'boolean':
      return 'true or false';
    case 'date':
      return 'date';
    case 'localTime':
      return 'local time (Europe/London)';
  }
}

function notes({
  codes: list,
  pattern,
  sentinels,
  notStated,
  defaults,
  bound,
  aliases,
  token,
  origin,
}: SourceColumn): string {
  return [
    typeof list === 'string' ? `codes of \`reference/${list}.csv\`` : list ? `one of ${codes(list)}` : '',
    pattern ? `form ${code(pattern)}` : '',
    notStated ? `${codes(notStated)}: not stated` : '',
    defaults ? `${codes(defaults)}: default` : '',
    sentinels ? `${codes(sentinels.values)}: not known (${code(sentinels.rule)})` : '',
    token ? 'or a FHIR token `namespace|value`' : '',
    origin === 'fhir' ? 'from FHIR only' : '',
    bound === 'event' ? 'not after the day of load' : '',
    aliases ? `also ${codes(aliases)}` : '',
  ]
    .filter((note) => note !== '')
    .join('; ');
}
