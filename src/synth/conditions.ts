import { literal } from './random.js';

/** A long-term condition, the age at which it is half as common as it gets, and the medicines it brings. */
interface Condition {
  readonly name: string;
  readonly icd10: string;
  /** Prevalence late in life, before the patient's own frailty and deprivation. */
  readonly prevalence: number;
  /** Age of half that prevalence. */
  readonly onset: number;
  /** How strongly it follows deprivation: added share per decile below the middle. */
  readonly deprivation: number;
  readonly medicines: ReadonlyArray<readonly [bnf: string, share: number]>;
}

const k = (
  name: string,
  icd10: string,
  prevalence: number,
  onset: number,
  deprivation: number,
  medicines: ReadonlyArray<readonly [string, number]> = [],
): Condition => ({ name, icd10, prevalence, onset, deprivation, medicines });

const statins = [
  ['0212000B0AAABAB', 0.3],
  ['0212000B0AAACAC', 0.2],
  ['0212000Y0AAADAD', 0.1],
] as const;

const conditions: readonly Condition[] = [
  k('hypertension', 'I10X', 0.62, 58, 0.02, [
    ['0206020A0AAAAAA', 0.35],
    ['0206020A0AAABAB', 0.15],
    ['0205051R0AAACAC', 0.3],
    ['0205051L0AAACAC', 0.12],
    ['0205052N0AAABAB', 0.15],
    ['0202010P0AAAAAA', 0.12],
    ['0202010B0AAABAB', 0.08],
    ['0205040D0AAACAC', 0.08],
    ['0204000H0AAAAAA', 0.06],
  ]),
  k('atrial fibrillation', 'I489', 0.16, 74, 0, [
    ['0208020Z0AAABAB', 0.5],
    ['0208020Y0AAACAC', 0.15],
    ['0208020V0AAABAB', 0.2],
    ['0204000H0AAAJAJ', 0.5],
    ['0201010F0AAADAD', 0.15],
  ]),
  k('heart failure', 'I500', 0.1, 76, 0.03, [
    ['0202020L0AABDBD', 0.75],
    ['0205051R0AAABAB', 0.55],
    ['0204000H0AAAAAA', 0.4],
    ['0202030S0AAATAT', 0.35],
    ['0202030X0AAAAAA', 0.1],
  ]),
  k('old myocardial infarction', 'I252', 0.1, 70, 0.05, [
    ['0209000A0AAABAB', 0.7],
    ['0209000C0AAAAAA', 0.25],
    ['0212000B0AAACAC', 0.6],
  ]),
  k('ischaemic heart disease', 'I251', 0.14, 68, 0.05, [['0209000A0AAABAB', 0.6], ...statins]),
  k('stroke', 'I694', 0.07, 72, 0.03, [['0209000C0AAAAAA', 0.6], ...statins]),
  k('cerebrovascular disease', 'I679', 0.04, 76, 0.02),
  k('peripheral vascular disease', 'I739', 0.05, 70, 0.08, [['0209000C0AAAAAA', 0.4]]),
  k('type 2 diabetes', 'E119', 0.16, 60, 0.05, [
    ['0601022B0AAABAB', 0.65],
    ['0601021M0AAAAAA', 0.25],
    ['0601023ANAAAAAA', 0.15],
    ...statins,
  ]),
  k('diabetes with renal complications', 'E112', 0.04, 66, 0.06, [
    ['0601021M0AAAAAA', 0.3],
    ['0205051R0AAACAC', 0.4],
  ]),
  k('chronic kidney disease', 'N183', 0.15, 74, 0.01),
  k('advanced kidney disease', 'N184', 0.02, 74, 0.03),
  k('COPD', 'J449', 0.1, 64, 0.11, [
    ['0301011R0AAAPAP', 0.8],
    ['0301020Q0AAAAAA', 0.45],
    ['0302000C0AABFBF', 0.3],
    ['0603020T0AAACAC', 0.12],
  ]),
  k('asthma', 'J459', 0.09, 6, 0.03, [
    ['0301011R0AAAPAP', 0.7],
    ['0302000C0AABFBF', 0.5],
    ['0303020G0AAAAAA', 0.12],
    ['0304010I0AAAAAA', 0.1],
  ]),
  k('hypothyroidism', 'E039', 0.07, 52, 0, [['0602010V0AABXBX', 0.9]]),
  k('dementia', 'F03X', 0.17, 84, 0.01, [
    ['0411000D0AAABAB', 0.4],
    ['0401010Z0AAAAAA', 0.12],
    ['0402010ABAAAAAA', 0.08],
    ['040201030AAAAAA', 0.06],
  ]),
  k('Alzheimer disease', 'F009', 0.06, 85, 0, [['0411000D0AAABAB', 0.6]]),
  k('Parkinson disease', 'G20X', 0.02, 76, 0),
  k('depression', 'F329', 0.13, 28, 0.05, [
    ['0403030Q0AAAAAA', 0.4],
    ['0403030D0AAAAAA', 0.25],
    ['0403030E0AAAAAA', 0.15],
    ['0403040X0AAAAAA', 0.15],
  ]),
  k('anxiety', 'F419', 0.08, 24, 0.05, [
    ['0403030Q0AAAAAA', 0.3],
    ['0401020K0AAAHAH', 0.15],
    ['0401020K0AAAIAI', 0.05],
    ['0401010Z0AAAAAA', 0.1],
  ]),
  k('bipolar disorder', 'F319', 0.014, 26, 0.03, [
    ['0402030K0AAAIAI', 0.5],
    ['0402010ABAAAAAA', 0.35],
  ]),
  k('alcohol dependence', 'F102', 0.03, 34, 0.12),
  k('cirrhosis', 'K746', 0.01, 55, 0.08, [
    ['0202030S0AAATAT', 0.5],
    ['0106040G0AAAAAA', 0.5],
  ]),
  k('cancer', 'C509', 0.05, 66, 0),
  k('prostate cancer', 'C61X', 0.03, 74, 0),
  k('metastatic cancer', 'C787', 0.012, 70, 0.02, [
    ['0407020Q0BKAAEF', 0.5],
    ['0106040M0AAAAAA', 0.4],
  ]),
  k('osteoarthritis', 'M199', 0.3, 66, 0.02, [
    ['0407010H0AAAMAM', 0.45],
    ['1001010P0AAAEAE', 0.18],
    ['1001010J0AAAEAE', 0.1],
    ['0407010F0AAAHAH', 0.2],
    ['0407020C0AAAEAE', 0.1],
    ['0103050P0AAAAAA', 0.3],
  ]),
  k('rheumatoid arthritis', 'M069', 0.014, 55, 0.02, [
    ['1001030U0AAABAB', 0.55],
    ['1001010P0AAAEAE', 0.25],
    ['0603020T0AAACAC', 0.2],
  ]),
  k('chronic pain', 'M796', 0.1, 45, 0.08, [
    ['0407020C0AAAEAE', 0.25],
    ['040702040AAAAAA', 0.2],
    ['0407020Q0BKAAEF', 0.1],
    ['0408010AEAAACAC', 0.15],
    ['0408010G0AAABAB', 0.15],
    ['0403010B0AAAGAG', 0.25],
  ]),
  k('gout', 'M109', 0.04, 62, 0.02, [['1001040C0AAAAAA', 0.7]]),
  k('osteoporosis', 'M819', 0.12, 76, 0, [['0606020A0AAACAC', 0.5]]),
  k('epilepsy', 'G409', 0.011, 12, 0.04, [['0408010A0AAABAB', 0.6]]),
  k('prostatic hyperplasia', 'N40X', 0.1, 72, 0, [['0704010U0AAAAAA', 0.6]]),
  k('reflux', 'K219', 0.16, 50, 0.02, [
    ['0103050P0AAAAAA', 0.5],
    ['0103050L0AAAAAA', 0.35],
  ]),
  k('falls', 'R296', 0.12, 83, 0.02),
  k('senility', 'R54X', 0.06, 88, 0),
  k('pressure ulcer', 'L891', 0.03, 84, 0.03),
  k('urinary infections', 'N390', 0.07, 78, 0.01, [
    ['0501080W0AAAEAE', 0.12],
    ['0501130R0AAAGAG', 0.1],
  ]),
  k('lives alone', 'Z602', 0.1, 78, 0.03),
];

/** Pairs that a prescriber should question; a few patients a pair take both, whatever their conditions. */
const hazardousPairs: ReadonlyArray<readonly [first: string, second: string, share: number]> = [
  ['0208020Z0AAABAB', '1001010P0AAAEAE', 0.002], // oral anticoagulant and NSAID
  ['0205051R0AAACAC', '0202030S0AAATAT', 0.002], // ACE inhibitor and potassium-sparing diuretic
  ['0407020C0AAAEAE', '0401020K0AAAIAI', 0.002], // opioid and benzodiazepine
  ['0402030K0AAAIAI', '0202010B0AAABAB', 0.001], // lithium and thiazide
  ['1001030U0AAABAB', '0501080W0AAAEAE', 0.001], // methotrexate and trimethoprim
];

/** Tables `condition_rule` and `medicine_rule(condition_id, bnf_code, share)`. */
export function conditionTables(): string[] {
  const rules = conditions.map(
    (one, id) => `(${id}, ${literal(one.icd10)}, ${one.prevalence}, ${one.onset}, ${one.deprivation})`,
  );
  const medicines = conditions.flatMap((one, id) =>
    one.medicines.map(([bnf, share]) => `(${id}, ${literal(bnf)}, ${share})`),
  );
  const pairs = hazardousPairs.map(
    ([first, second, share], id) => `(${id}, ${literal(first)}, ${literal(second)}, ${share})`,
  );
  return [
    `CREATE OR REPLACE TABLE condition_rule AS
       FROM (VALUES ${rules.join(', ')}) AS t(condition_id, icd10, prevalence, onset, deprivation)`,
    `CREATE OR REPLACE TABLE medicine_rule AS
       FROM (VALUES ${medicines.join(', ')}) AS t(condition_id, bnf_code, share)`,
    `CREATE OR REPLACE TABLE hazardous_pair AS
       FROM (VALUES ${pairs.join(', ')}) AS t(pair_id, first_code, second_code, share)`,
  ];
}
