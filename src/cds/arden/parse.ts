import { assignedNames } from './assigned-names.js';
import { checkNames } from './check-names.js';
import { checkSlots } from './check-slots.js';
import { type CodeSlot, type Context, Cursor } from './cursor.js';
import { decode } from './decode.js';
import { Diagnostics } from './diagnostics.js';
import { parseExpression } from './expression.js';
import { admitLaterWords } from './later-words.js';
import { readCitations, readKeywords, readLinks } from './library.js';
import { constant } from './node.js';
import { readLanguage } from './resources.js';
import { singleIfs } from './single-ifs.js';
import { Source } from './source.js';
import { type CutMlm, type CutSlot, splitFile } from './split.js';
import { parseStatements } from './statement.js';
import type { Expression, Mlm, Mode, ParsedFile, Statement, Validation } from './syntax.js';
import type { Token } from './token.js';
import { parseTriggers } from './trigger.js';
import { rank } from './version.js';

/**
 * Parses a file of MLMs. It never throws, and takes time linear in the size of the file; what is wrong stands in the
 * diagnostics, and what is not understood is left out.
 */
export function parseFile(bytes: Uint8Array, { mode }: { mode: Mode }): ParsedFile {
  const { text, firstInvalid } = decode(bytes);
  const diagnostics = new Diagnostics(text, mode);
  if (firstInvalid !== undefined)
    diagnostics.departure('L07', firstInvalid, 'The file is not UTF-8, and read as Windows-1252');
  const mlms = splitFile(new Source(text, diagnostics)).map((mlm) => parseMlm(mlm, diagnostics));
  return { mlms, diagnostics: diagnostics.list() };
}

function parseMlm(cut: CutMlm, diagnostics: Diagnostics): Mlm {
  checkSlots(cut, diagnostics);
  const slot = (name: string): CutSlot | undefined => cut.slots.find((one) => one.name === name);
  const text = (name: string): string => slot(name)?.text ?? '';
  const code = parseCode(slot, rank(cut.arden), diagnostics);
  const defaultLanguage = text('default').toLowerCase();
  return {
    name: (slot('mlmname') ?? slot('filename'))?.text.toLowerCase() ?? '',
    arden: cut.arden,
    validation: validation(text('validation')),
    slots: cut.slots.map(({ category, name, text: body, span }) => ({ category, name, text: body, span })),
    citations: readCitations(slot('citations'), diagnostics),
    links: readLinks(slot('links'), rank(cut.arden), diagnostics),
    keywords: readKeywords(slot('keywords')),
    ...code,
    priority: priority(text('priority')),
    ...(defaultLanguage === '' ? {} : { defaultLanguage }),
    languages: cut.slots
      .filter(({ name }) => name === 'language')
      .map((language) => readLanguage(language, diagnostics)),
    span: { start: cut.start, end: cut.end },
  };
}

type Code = Pick<Mlm, 'data' | 'evoke' | 'logic' | 'action' | 'urgency'>;

/** The slots of code; names are known over all of them before the first is parsed. */
function parseCode(
  slot: (name: string) => CutSlot | undefined,
  version: number,
  diagnostics: Diagnostics,
): Code {
  const tokens = (name: CodeSlot): readonly Token[] => slot(name)?.tokens ?? noTokens;
  const all = (['data', 'evoke', 'logic', 'action'] as const).map(tokens);
  const assigned = assignedNames(all);
  if (diagnostics.mode === 'lenient') admitLaterWords(all, assigned, version, diagnostics);
  const unknown = new Map<string, number>();
  const cursor = (name: CodeSlot): Cursor => {
    const context: Context = {
      diagnostics,
      version,
      slot: name,
      assigned,
      single: singleIfs(tokens(name)),
      unknown,
    };
    return new Cursor(tokens(name), context, parseExpression);
  };
  const statements = (name: CodeSlot): readonly Statement[] => parseStatements(cursor(name));
  const data = statements('data');
  const evoke = parseTriggers(cursor('evoke'));
  const logic = statements('logic');
  const action = statements('action');
  const urgency = readUrgency(slot('urgency'));
  if (urgency.kind === 'name' && !assigned.has(urgency.name)) unknown.set(urgency.name, urgency.span.start);
  checkNames([data, logic, action], unknown, diagnostics);
  return { data, evoke, logic, action, urgency };
}

const noTokens: readonly Token[] = [{ kind: 'end', value: '', number: 0, start: 0, end: 0, newLine: true }];

const validations: ReadonlySet<string> = new Set(['production', 'research', 'testing', 'expired']);
const isValidation = (text: string): text is Validation => validations.has(text);

/** What is not said to be more is for testing. */
function validation(text: string): Validation {
  const value = text.toLowerCase();
  return isValidation(value) ? value : 'testing';
}

const usual = 50;

function priority(text: string): number {
  const value = Number(text);
  return text === '' || Number.isNaN(value) ? usual : Math.min(Math.max(value, 1), 99);
}

function readUrgency(slot: CutSlot | undefined): Expression {
  const { text, span } = slot ?? { text: '', span: { start: 0, end: 0 } };
  const value = Number(text);
  if (text !== '' && Number.isFinite(value) && value >= 0) return constant({ type: 'number', value }, span);
  if (/^[a-z]\w*$/i.test(text)) return { kind: 'name', name: text.toLowerCase(), span };
  return constant({ type: 'number', value: usual }, span);
}
