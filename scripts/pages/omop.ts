import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { omopTables } from '../../src/warehouse/omop/index.js';
import type { ColumnType, TableDeclaration } from '../../src/warehouse/table.js';
import { code, type Page, page, table } from './page.js';

interface Line {
  readonly check: string;
}

/** `docs/reference/omop.md`: the OMOP CDM tables of a release. */
export function omop(): Page {
  const tables: readonly TableDeclaration[] = omopTables;
  return page('docs/reference/omop.md', 'OMOP CDM 5.4 tables', '`src/warehouse/omop/`', [
    'Every release holds these tables of the OMOP Common Data Model 5.4 under their official names, filled from its star schema. They are internal: in no role’s schema, and not exported. `releases.omop` of the [configuration](environment.md) turns them off.',
    [
      '- **Ids** are integers. A full build numbers rows in the order of their facts; a correction keeps the id of every row whose natural key stood in the release before (a visit by the key of its event, a medicine by person, day and code) and gives new rows ids above the highest.',
      '- **Privacy**: keys are keyed pseudonyms in hexadecimal; of a birth date only the year is here, of an address only the postcode area. A patient without a birth date is left out, with all events: OMOP requires the year.',
      '- **Concepts** stand in `reference/omop_concept.csv`. A clinical code has concept 0 while no vocabulary is loaded: put a `source_to_concept_map.csv` in the official columns into `reference/` (vocabularies `ICD10`, `OPCS4`, `BNF`, and `MAPLEWOOD` for the names of scores and observations) and run again; the next release has its concepts.',
      '- **Ethnic category** stands in `race_concept_id`, the category itself in `race_source_value`; mixed, other and not stated are 0. `ethnicity_concept_id` is 0: it means Hispanic or not.',
      '- **Visits**: 9201 spells, 9203 attendances, 262 those admitted to a ward, 9202 contacts, 581476 at home, 722455 by telephone or video. A patient still in hospital has the end of the data as end, and 32220.',
      '- **Death**: the first discharge by death. Later events stay, and the checks count them.',
      '- **Observation periods** begin with the first event and end 60 days after the last, after death, or with the data; 548 days without an event begin a new one.',
      '- **Costs** are the unit prices of `reference/unit_price.csv` for visits, and what was paid for items.',
      '- **Scores** (triage, HoNOS, Charlson, LACE, Hospital Frailty) are measurements; those of a spell stand on the day of its discharge, frailty of those aged 75 or more, LACE of adults.',
      '- **Not here**: visits or measurements without a source.',
    ].join('\n'),
    '## Checks',
    'These checks of the OHDSI Data Quality Dashboard run on every release, one pass a table; their results are rows of `dataQuality`. Thresholds stand in `reference/omop_check.csv`. A breach of a required value, key, reference, type or of the order of observation periods stops the release; the others warn.',
    table(['check', 'columns or tables'], checks()),
    ...tables.flatMap(section),
  ]);
}

function checks(): string[][] {
  const file = fileURLToPath(new URL('../../reference/omop_check.csv', import.meta.url));
  const counted = new Map<string, number>();
  for (const { check } of parse(readFileSync(file, 'utf8'), { columns: true }) as Line[])
    counted.set(check, (counted.get(check) ?? 0) + 1);
  return [...counted].sort().map(([check, count]) => [code(check), String(count)]);
}

const section = ({ name, description, columns }: TableDeclaration): string[] => [
  `## ${name}`,
  `${description.replace('OMOP: ', '').replace(/^./, (first) => first.toUpperCase())}`,
  table(
    ['column', 'type', 'required', 'what it holds'],
    Object.entries(columns).map(([column, declared]) => [
      code(column),
      type(declared.type),
      declared.nullable ? '' : 'yes',
      declared.description,
    ]),
  ),
];

function type(declared: ColumnType): string {
  switch (declared.kind) {
    case 'text':
      return `text, at most ${declared.length}`;
    case 'int32':
      return 'integer';
    case 'instant':
      return 'date-time';
    case 'double':
      return 'number';
    default:
      return declared.kind;
  }
}
