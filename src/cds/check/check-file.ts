import { decode } from '../arden/decode.js';
import { Diagnostics, placesOf } from '../arden/diagnostics.js';
import { parseFile } from '../arden/parse.js';
import { statementsIn } from '../arden/statements-in.js';
import type { Diagnostic, Mlm, Mode } from '../arden/syntax.js';
import { rank, rankText } from '../arden/version.js';
import type { Registry } from '../facts/registry.js';
import { compileRule, isCompiled } from '../sql/compile.js';
import { reasonTexts } from '../sql/reason.js';
import { checkBraces } from './check-braces.js';
import { checkProvenance, type Provenance } from './check-provenance.js';
import { type ReadOfMlm, readsOfMlm } from './reads-of-mlm.js';

/** Why a rule, or a part of it, is left to the interpreter, and where. */
export interface NotOverSets {
  readonly code: string;
  /** Kind of the statement. */
  readonly statement: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** What there is to know of an MLM before it is run. */
export interface CheckedMlm {
  readonly file: string;
  /** Null, as the version, where the file holds no MLM. */
  readonly mlm: string | null;
  readonly ardenVersion: string | null;
  /** Texts of the slots. Those of one name, such as `language`, are joined by `;;`. */
  readonly slots: Readonly<Record<string, string>>;
  readonly reads: readonly ReadOfMlm[];
  /** It can be run over all patients by one statement. */
  readonly setCompilable: boolean;
  readonly reasons: readonly NotOverSets[];
  /** It has no errors, and everything between braces of READ, EVENT and INTERFACE is bound. */
  readonly runnable: boolean;
  /** Those of the file that stand in the MLM; what stands outside of any belongs to the one before, or to the first. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface CheckOptions {
  readonly mode: Mode;
  readonly registry: Registry;
  /** The provenance of an MLM by its name; undefined where there is none. */
  readonly provenance?: (mlm: string) => Provenance | undefined;
}

/** Checks a file of MLMs: the language, what the rules read, their provenance, and how they can be run. Never throws. */
export function checkFile(file: string, bytes: Uint8Array, options: CheckOptions): readonly CheckedMlm[] {
  const { mlms, diagnostics } = parseFile(bytes, { mode: options.mode });
  const { text } = decode(bytes);
  const placeOf = placesOf(text);
  if (mlms.length === 0) return [{ ...nothing, file, diagnostics }];
  const starts = mlms.map(({ span }) => placeOf(span.start));
  const ofMlm = (at: number): Diagnostic[] =>
    diagnostics.filter((one) => {
      const next = starts[at + 1];
      const from = starts[at];
      return (at === 0 || (from && !isBefore(one, from))) && (!next || isBefore(one, next));
    });
  return mlms.map((mlm, at) => checkMlm(file, text, mlm, ofMlm(at), options));
}

const nothing: CheckedMlm = {
  file: '',
  mlm: null,
  ardenVersion: null,
  slots: {},
  reads: [],
  setCompilable: false,
  reasons: [],
  runnable: false,
  diagnostics: [],
};

type Point = Pick<Diagnostic, 'line' | 'column'>;
const isBefore = (one: Point, other: Point): boolean =>
  one.line < other.line || (one.line === other.line && one.column < other.column);

function checkMlm(
  file: string,
  text: string,
  mlm: Mlm,
  ofText: readonly Diagnostic[],
  { mode, registry, provenance }: CheckOptions,
): CheckedMlm {
  const found = new Diagnostics(text, mode);
  const areBound = checkBraces(mlm, registry, found);
  const given = provenance?.(mlm.name);
  const gem = checkProvenance(mlm, given, registry, found);
  const subject = gem?.delivery.subject;
  const compiled = compileRule(mlm, registry, subject === undefined ? {} : { subject });
  const reasons = isCompiled(compiled) ? [] : compiled.reasons;
  if (given && mlm.validation === 'production' && reasons.length > 0)
    found.departure(
      'SETS',
      reasons[0]?.span.start ?? mlm.span.start,
      'A rule in production must run over sets',
      'Say it without what is named, or set validation: testing',
    );
  const diagnostics = [...ofText, ...found.list().filter((one) => !ofText.some(isAt(one)))].sort((a, b) =>
    isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0,
  );
  const error = diagnostics.find(({ severity }) => severity === 'error');
  const placeOf = placesOf(text);
  return {
    file,
    mlm: mlm.name,
    ardenVersion: rankText(rank(mlm.arden)),
    slots: slotsOf(mlm),
    reads: readsOfMlm(mlm, text),
    setCompilable: reasons.length === 0 && error === undefined,
    reasons: [
      ...reasons.map(({ code, statement, span }) => {
        const { line, column } = placeOf(span.start);
        return { code, statement, line, column, message: reasonTexts[code] };
      }),
      ...(error ? [withErrors(error)] : []),
    ],
    runnable: error === undefined && areBound && !hasInterface(mlm),
    diagnostics,
  };
}

/** What the parser has said of a place is not said again. */
const isAt =
  ({ line, column }: Point) =>
  (other: Point): boolean =>
    other.line === line && other.column === column;

const withErrors = ({ line, column }: Diagnostic): NotOverSets => ({
  code: 'ERROR',
  statement: 'mlm',
  line,
  column,
  message: 'the rule has errors',
});

function slotsOf({ slots }: Mlm): Readonly<Record<string, string>> {
  const texts = new Map<string, string>();
  for (const { name, text } of slots) {
    const before = texts.get(name);
    texts.set(name, before === undefined ? text : `${before};;${text}`);
  }
  return Object.fromEntries(texts);
}

/** What an interface calls is not there to be called. */
const hasInterface = ({ data }: Mlm): boolean =>
  statementsIn(data).some((statement) => statement.kind === 'declare' && statement.what === 'interface');
