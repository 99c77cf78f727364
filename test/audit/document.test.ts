import { operationRecord } from '../../src/audit/document.js';

const recorded = (query: string) => operationRecord({ query, variables: {} }, () => 'digest');

describe('an operation in the audit', () => {
  it('has no literal and no alias', () => {
    const { document } = recorded(
      'query A { smith: patient(id: "m1.x") { patientId } episodes(first: 7, where: { a: { eq: 1.5 } }) { nodes { x } } }',
    );
    expect(document).not.toMatch(/smith|m1|7|1\.5/);
    expect(document).toContain('patient(id: "")');
  });

  it.each([
    ['the operation', 'query PAT_000001 { me { role } }'],
    ['a field', '{ PAT_000001 }'],
    ['an argument', '{ me(PAT_000001: 1) }'],
    ['a value of an enum', '{ me(by: PAT_000001) }'],
    ['a variable', 'query ($PAT_000001: ID) { me(id: $PAT_000001) }'],
    ['a fragment', '{ ...PAT_000001 } fragment PAT_000001 on Query { me { role } }'],
    ['a type', 'query ($id: PAT_000001) { me(id: $id) }'],
    ['a directive', '{ me @PAT_000001 { role } }'],
  ])('leaves out the name of %s that looks like an identifier', (_what, query) => {
    const record = recorded(query);
    expect(JSON.stringify(record)).not.toContain('PAT_');
    expect(record['document']).toContain('withheld');
  });

  it('keeps its own name', () => {
    expect(recorded('query Waits { me { role } }')['name']).toBe('Waits');
  });
});
