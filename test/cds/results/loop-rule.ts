import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../support/landing.js';

/**
 * Copies the rules into a folder and adds one that no statement can run: it adds up lengths of stay in a loop. It is in
 * production, which shipped rules of its kind may not be, so that its results have readers.
 */
export function rulesWithLoop(folder: string, logic = loop): string {
  cpSync(join(root, 'rules'), join(folder, 'rules'), { recursive: true });
  cpSync(join(root, 'reference'), join(folder, 'reference'), { recursive: true });
  writeFileSync(join(folder, 'rules', 'long_stays.mlm'), mlm(logic));
  writeFileSync(join(folder, 'rules', 'long_stays.gem.yaml'), gem);
  return folder;
}

const loop = `total := 0;
    FOR stay IN stays DO
      IF stay IS PRESENT THEN total := total + stay; ENDIF;
    ENDDO;
    CONCLUDE total >= min_days;`;

const mlm = (logic: string): string => `maintenance:
  title: Long stays;;
  mlmname: long_stays;;
  arden: Version 2.10;;
  version: 2.1.0;;
  institution: Maplewood;;
  author: Maplewood decision support;;
  specialist: ;;
  date: 2026-11-26;;
  validation: production;;
library:
  purpose: Find people with many days in hospital.;;
  explanation: Adds up the stays in a loop.;;
  keywords: length of stay;;
  citations:
    1. SUPPORT A text of the test.;;
  links: OTHER_LINK "gem", 'long_stays.gem.yaml';;
knowledge:
  type: data_driven;;
  data:
    admission := EVENT {spell};
    min_days := 20;
    stays := READ {spell: length_of_stay};
    last_spell := READ LAST {spell: admission_date};
  ;;
  priority: 40;;
  evoke: admission;;
  logic:
    span := 1 DAY;
    ${logic}
  ;;
  action:
    WRITE total || " days in hospital";
    WRITE "last admitted " || last_spell;
  ;;
  urgency: 60;;
resources:
  default: en;;
  language: en
  ;;
end:
`;

const gem = `guideline:
  title: A guideline
  identifier: not stated
  publisher: A publisher
  version: not stated
  published: "2020"
  url: "https://guideline.example/"
  licence: not stated
recommendation:
  id: stays
  text: Look at people with long stays.
  strength: consider
  evidence:
    system: none
    quality: not stated
  source: inferred
target_population:
  inclusion:
    - people with a stay
  exclusion:
    - nobody
decision_variables:
  - name: lengths of stay
    read_var: stays
    fact: spell
  - name: last stay
    read_var: last_spell
    fact: spell
actions:
  - text: Review
    type: review
flexibility: none
review:
  next: 2027-11-30
  owner: decision support
deviations:
  - what: All stays count.
    why: The guideline does not say which.
delivery:
  objectives: [B]
  audience: [clinician]
  hooks: [patient-view]
  subject: last_spell
  suppress_days: 30
`;
