import { mlmText } from './mlm-text.js';

/** Files with every statement, most operators, and the oddities of rules written elsewhere, to be damaged. */
export const samples: readonly string[] = [
  mlmText({
    title: 'Everything of the language',
    citations: '1. SUPPORT A guideline. 2020.\n 2. REFUTE Another; with a semicolon.',
    links: `URL_LINK "a page", 'https://example.org/a'; OTHER_LINK "file", 'a.gem.yaml'`,
    data: `
    seen := EVENT {ed_attendance};
    other := MLM 'other_rule' FROM INSTITUTION "elsewhere";
    bed_type := OBJECT [ward, place];
    INCLUDE other;
    mail := DESTINATION {mail: ward};
    note := MESSAGE AS bed_type {note};
    ask := INTERFACE {ask the server};
    (given, taken) := ARGUMENT;
    /* what is read */
    visits := READ {ed_attendance: triage_category} WHERE THEY OCCURRED WITHIN PAST 12 MONTHS;
    LET (first_day, last_day) BE READ LAST 3 FROM ({spell: admission_date, discharge_date} WHERE it occurred after 2024-02-29T12:00:00);
    dose := READ AVERAGE {prescription: quantity where bnf_code starts with '0206'};
    IF dose IS NOT PRESENT THEN dose := 0.5e1; ELSEIF dose > 5 THEN dose := 5; ELSE dose := -dose ** 2; ENDIF;
    bed := NEW bed_type WITH "ward ""A""", 5;`,
    priority: '70',
    evoke: `ANY OF (seen, seen); 3 DAYS AFTER TIME OF seen;
    EVERY 1 DAY FOR 2 WEEKS STARTING TIME OF seen UNTIL dose > 3; 2025-01-01T00:00:00;`,
    logic: `
    n := COUNT visits; // how many
    recent := visits WHERE TIME OF THEY IS WITHIN SAME DAY AS NOW AND it >= 5 OR NOT (it IN (1, 2, 3));
    FOR i IN 1 SEQTO 4 DO IF i = 3 THEN BREAKLOOP; ENDIF; bed.place := bed.place + i; found[i] := i; ENDDO;
    found := SORT TIME visits MERGE recent; WHILE n > 3 DO n := n - 1; ENDDO;
    SWITCH n CASE 1 s := "one"; CASE 2 s := "two"; DEFAULT s := SUBSTRING 2 CHARACTERS STARTING AT 1 FROM "many"; ENDSWITCH;
    TIME OF n := NOW - 3 DAYS; (a, b) := (1, 2); r := CALL other WITH n, (1, 2);
    q := LAST 3 FROM visits; w := NEAREST (2 DAYS AGO) FROM visits; e := REPLACE YEAR OF NOW WITH 2020;
    IF n IS LESS THAN OR EQUAL 5 AND s MATCHES PATTERN "a%" THEN CONCLUDE TRUE; ENDIF; CONCLUDE FALSE;`,
    action: `WRITE n || " visits, " || n FORMATTED WITH "%2.0f" AT mail; CALL other WITH n DELAY 3 DAYS;
    IF TRUE THEN RETURN n, LOCALIZED 'warn' BY "en"; ENDIF;`,
    urgency: 'n',
    language: `en 'warn': "Look; here"; 'other': "More"`,
  }),
  `Maintenance:
Title: Something older with a very long title;;
Filename: older_rule;;
Version: 0.1;;
Institution: Somewhere;;
Author: ;;
Specialist: ;;
Date: 2004-05-12T10:00:00-0500;;
Validation: ;;
Library:
Purpose: To be read all the same;;
Explanation: None;;
Keywords: odd, older;;
Citations: Somebody, once;;
Knowledge:
Type: data-driven;;
Data: read_from := read last {weight from clinic};
  labs := read last 3 {'123','456';'CALCIUM'} where it occurred in the last 3 months;
  Gender := read Last {select gender from person where id = 1};
  If (Gender = M) then hisher := "his";
  Else hisher := "her";
;;
Priority: 500;;
Age_Min: 3 years;;
Evoke: ;;
Logic:
If (mode = PRODUCE) then
  If read_from is null then conclude false;
  If (answer = no) then || Result || = "none";
  conclude true;
endif
conclude false;
;;
Action:
write ("Ask || hisher || parents about the weight");
call store_it with "a", Result;
;;
End:
`,
];
