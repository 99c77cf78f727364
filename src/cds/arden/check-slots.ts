import { checkText } from './check-text.js';
import type { Diagnostics } from './diagnostics.js';
import { slotRule, slotRules } from './slot-rules.js';
import type { CutMlm, CutSlot } from './split.js';
import { rank, rankText } from './version.js';

/** Checks the slots of an MLM against the standard: which there are, in which order, and what each may hold. */
export function checkSlots(mlm: CutMlm, diagnostics: Diagnostics): void {
  checkOrder(mlm, diagnostics);
  checkPresence(mlm, diagnostics);
  for (const slot of mlm.slots) {
    checkHeading(slot, diagnostics);
    checkText(slot, mlm, diagnostics);
  }
}

function checkOrder({ arden, slots }: CutMlm, diagnostics: Diagnostics): void {
  const seen = new Set<string>();
  let last = -1;
  for (const slot of slots) {
    const rule = slotRule(slot.name);
    if (rule === undefined) {
      diagnostics.departure('L04', slot.heading, `The standard has no slot ${slot.name}: it means nothing`);
      continue;
    }
    const version = rank(arden);
    if (version < (rule.since ?? 0) || version > (rule.until ?? version))
      diagnostics.departure(
        slot.name === 'filename' ? 'L05' : 'SLOT',
        slot.heading,
        `Version ${rankText(version)} has no slot ${slot.name}`,
      );
    if (rule.category !== slot.category)
      diagnostics.departure('SLOT', slot.heading, `The slot ${slot.name} belongs to ${rule.category}:`);
    if (seen.has(slot.name) && rule.repeatable !== true)
      diagnostics.departure('SLOT', slot.heading, `The slot ${slot.name} stands twice; the first counts`);
    seen.add(slot.name);
    const order = slotRules.indexOf(rule);
    if (order < last)
      diagnostics.departure(
        'SLOT',
        slot.heading,
        `The slot ${slot.name} stands after ${slotRules[last]?.name ?? ''}:, which follows it`,
      );
    last = Math.max(last, order);
  }
}

function checkPresence({ arden, slots, start }: CutMlm, diagnostics: Diagnostics): void {
  const names = new Map(slots.map((slot) => [slot.name, slot]));
  const filename = names.get('filename');
  if (filename !== undefined && !names.has('arden'))
    diagnostics.departure(
      'L05',
      filename.heading,
      'The MLM says filename: and not which version it is of: it is taken as version 1',
      'Write mlmname: and arden:',
    );
  for (const { name, required, until } of slotRules) {
    const version = rank(arden);
    if (required === undefined || version < required || version > (until ?? version) || names.has(name))
      continue;
    if (name === 'mlmname' && names.has('filename')) continue;
    if (name === 'filename' && names.has('mlmname')) continue;
    if (name === 'filename' || name === 'mlmname')
      diagnostics.error('SLOT', start, 'The MLM has no name', 'Write it as mlmname: name ;;');
    else diagnostics.departure('SLOT', start, `The MLM has no slot ${name}`);
  }
}

/** Some write headings without indent and with a capital; that they begin a line is what tells them from text. */
function checkHeading(slot: CutSlot, diagnostics: Diagnostics): void {
  const { text } = diagnostics;
  const before = slot.heading === 0 ? '\n' : text.charAt(slot.heading - 1);
  const [first = '', second = ''] = [text.charAt(slot.heading), text.charAt(slot.heading + 1)];
  const flushLeft = before === '\n' || before === '\r';
  if (flushLeft && first !== first.toLowerCase() && second === second.toLowerCase())
    diagnostics.departure(
      'L06',
      slot.heading,
      'The heading of the slot stands flush left with a capital',
      `Indent it: ${slot.name}:`,
    );
}
