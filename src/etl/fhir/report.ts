import type { FhirCounts } from './counts.js';

interface ReportTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const count = (n: number): string => n.toLocaleString('en-GB');

/** What a reader of the run report sees of FHIR: the resources by type, and the references by the way they name. */
export function fhirTables({ resources, references }: FhirCounts): readonly ReportTable[] {
  return [
    {
      title: 'FHIR resources (received = repeated + mapped + not mapped; quarantined are of the mapped):',
      head: ['resource', 'received', 'repeated', 'without id', 'mapped', 'quarantined', 'not mapped'],
      rows: resources.map((row) => [
        row.type,
        ...[row.received, row.repeated, row.withoutId, row.mapped, row.quarantined, row.notMapped].map(count),
      ]),
    },
    {
      title: 'FHIR references:',
      head: ['kind', 'resolved', 'unresolved'],
      rows: references.map((row) => [row.kind, count(row.resolved), count(row.unresolved)]),
    },
  ];
}
