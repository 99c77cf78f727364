import type { Diagnostics } from './diagnostics.js';
import type { CutMlm, CutSlot } from './split.js';
import { timeAt } from './time-literal.js';
import { rank, readVersion } from './version.js';

/** Checks what one slot of text may hold. */
export function checkText(slot: CutSlot, mlm: CutMlm, diagnostics: Diagnostics): void {
  checks.get(slot.name)?.(slot, mlm, diagnostics);
}

type Check = (slot: CutSlot, mlm: CutMlm, diagnostics: Diagnostics) => void;

const longest = 80;

const atMostEighty: Check = ({ name, text, span }, _mlm, diagnostics) => {
  if (text.length > longest)
    diagnostics.departure('SLOT', span.start, `The slot ${name} has more than ${longest} characters`);
};

const mlmName: Check = (slot, mlm, diagnostics) => {
  const { text, span } = slot;
  atMostEighty(slot, mlm, diagnostics);
  if (text === '') diagnostics.error('SLOT', span.start, 'The MLM has no name');
  else if (!/^[a-z][a-z0-9_.-]*$/i.test(text))
    diagnostics.departure(
      'SLOT',
      span.start,
      'This is no name of an MLM',
      'A letter, then letters, digits, _ . and -',
    );
  else if (text.includes('.') && rank(mlm.arden) === 200)
    diagnostics.departure('SLOT', span.start, 'The name of an MLM may have a full stop since version 2.1');
};

const arden: Check = ({ text, span }, _mlm, diagnostics) => {
  const read = readVersion(text);
  if (read?.wellFormed !== true)
    diagnostics.departure(
      'SLOT',
      span.start,
      'This is no version of Arden Syntax',
      'Write Version 2.10, or another up to that',
    );
};

const date: Check = ({ text, span }, _mlm, diagnostics) => {
  const time = timeAt(text, 0);
  if (time === undefined || time.wall === undefined || time.end !== text.length)
    diagnostics.departure('SLOT', span.start, 'This is no date', 'Write YYYY-MM-DD or YYYY-MM-DDThh:mm:ss');
  else if (time.bareZone)
    diagnostics.departure('L02', span.start, 'The zone has no colon', 'Write it as -05:00');
};

const validation: Check = ({ text, span }, _mlm, diagnostics) => {
  if (text === '') diagnostics.departure('L01', span.start, 'The validation is empty, and taken as testing');
  else if (!/^(production|research|testing|expired)$/i.test(text))
    diagnostics.departure(
      'SLOT',
      span.start,
      'This is no validation, and taken as testing',
      'Write production, research, testing or expired',
    );
};

const type: Check = ({ text, span }, mlm, diagnostics) => {
  const value = text.toLowerCase();
  if (value === 'data-driven' && rank(mlm.arden) >= 200)
    diagnostics.departure('L08', span.start, 'This is how version 1 wrote it', 'Write data_driven');
  else if (value !== 'data_driven' && value !== 'data-driven')
    diagnostics.departure('SLOT', span.start, 'This is no type of MLM', 'Write data_driven');
};

const priority: Check = ({ text, span }, _mlm, diagnostics) => {
  const value = Number(text);
  if (text === '' || Number.isNaN(value))
    diagnostics.departure('SLOT', span.start, 'The priority is no number, and taken as 50');
  else if (value < 1 || value > 99)
    diagnostics.departure(
      'L03',
      span.start,
      'The priority is not from 1 to 99',
      'The nearer of these counts',
    );
};

const urgency: Check = ({ text, span }, _mlm, diagnostics) => {
  const value = Number(text);
  if (text === '' || (Number.isNaN(value) && !/^[a-z]\w*$/i.test(text)))
    diagnostics.departure('SLOT', span.start, 'The urgency is neither a number nor a name, and taken as 50');
  else if (value < 1 || value > 99)
    diagnostics.departure('SLOT', span.start, 'The urgency is not from 1 to 99');
};

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['mlmname', mlmName],
  ['filename', mlmName],
  ['arden', arden],
  ['version', atMostEighty],
  ['institution', atMostEighty],
  ['date', date],
  ['validation', validation],
  ['type', type],
  ['priority', priority],
  ['urgency', urgency],
]);
