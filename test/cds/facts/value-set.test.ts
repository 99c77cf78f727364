import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readValueSets, valueSetOf } from '../../../src/cds/facts/value-set.js';
import { temporaryFolder } from '../../support/landing.js';

const temporary = temporaryFolder();
const header = 'system,code,match,display,source';
const problems = (text: string, name = 'copd'): readonly string[] => {
  const found = valueSetOf(name, text);
  return 'problems' in found ? found.problems : [];
};

describe('a value set', () => {
  it('has its codes in the form that gold has', () => {
    expect(
      valueSetOf(
        'opioids',
        `${header},factor\nbnf,040702040,prefix,Tramadol,FPM,0.1\nicd10,j44.1,exact,COPD,ICD-10,\n`,
      ),
    ).toEqual({
      name: 'opioids',
      codes: [
        {
          system: 'bnf',
          code: '040702040',
          match: 'prefix',
          display: 'Tramadol',
          source: 'FPM',
          factor: 0.1,
        },
        { system: 'icd10', code: 'J441', match: 'exact', display: 'COPD', source: 'ICD-10' },
      ],
    });
  });

  it('is refused with the line and the reason', () => {
    expect(problems('system,code\nicd10,J44')).toEqual([
      'copd.csv:1: the column match is missing',
      'copd.csv:1: the column display is missing',
      'copd.csv:1: the column source is missing',
    ]);
    expect(problems(header)).toEqual(['copd.csv:1: there are no codes']);
    expect(problems(`${header},note\nicd10,J44,exact,x,y,z`)).toEqual([
      'copd.csv:1: note is no column: system, code, match, display, source, factor',
    ]);
    expect(
      problems(
        `${header}\nread,J44,exact,x,y\nicd10,J44,like,x,y\nicd10,INVALID,exact,x,y\nicd10,J44,exact,,y\nicd10,J44,exact,x,\nicd10,J44,exact,x,y\nicd10,J44,prefix,x,y`,
      ),
    ).toEqual([
      'copd.csv:2: the system is one of icd10, bnf, loinc',
      'copd.csv:3: match is exact or prefix',
      'copd.csv:4: this is no code of icd10',
      'copd.csv:5: display is empty',
      'copd.csv:6: source is empty: name the publication that the code is taken from',
      'copd.csv:8: J44 is there twice',
    ]);
    expect(problems(`${header},factor\nbnf,0407,prefix,x,y,much`)).toEqual([
      'copd.csv:2: factor is no number',
    ]);
    expect(problems(`${header}\nicd10,J44`)).toEqual([
      'copd.csv:1: not readable as CSV: every line needs as many fields as the header',
    ]);
    expect(problems(`${header}\nicd10,J44,exact,x,y`, 'My set')).toEqual([
      'My set.csv:1: the name of a value set is lower-case letters, digits and _',
    ]);
  });

  it('is named by its file, and all that is wrong in a folder is told at once', async () => {
    const folder = join(temporary, 'sets');
    mkdirSync(folder);
    writeFileSync(join(folder, 'copd.csv'), `${header}\nicd10,J44,prefix,COPD,ICD-10\n`);
    writeFileSync(join(folder, 'README.md'), 'not a value set');
    expect([...(await readValueSets(folder)).keys()]).toEqual(['copd']);
    writeFileSync(join(folder, 'a.csv'), header);
    writeFileSync(join(folder, 'b.csv'), header);
    await expect(readValueSets(folder)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: 'a.csv:1: there are no codes\nb.csv:1: there are no codes',
    });
  });
});
