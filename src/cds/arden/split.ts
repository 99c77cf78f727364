import { lexSlot } from './lexer.js';
import { categories, slotRule, slotRules } from './slot-rules.js';
import { isWordPart, type Source } from './source.js';
import type { ArdenVersion, Category, Slot } from './syntax.js';
import type { Token } from './token.js';
import { rank, readVersion, undeclaredVersion } from './version.js';

/** A slot as cut out of the file; that of code with its tokens. */
export interface CutSlot extends Slot {
  /** Where its name stands. */
  readonly heading: number;
  readonly tokens?: readonly Token[];
}

/** An MLM as cut out of the file. */
export interface CutMlm {
  readonly start: number;
  readonly end: number;
  readonly arden: ArdenVersion;
  readonly slots: readonly CutSlot[];
}

interface Heading {
  readonly name: string;
  readonly start: number;
  /** After the colon. */
  readonly end: number;
}

/** Cuts a file into MLMs and their slots. What stands where a heading should is reported and passed over. */
export function splitFile(source: Source): readonly CutMlm[] {
  const mlms: CutMlm[] = [];
  let place = source.skipSpace(0);
  while (place < source.text.length) {
    const heading = headingAt(source, place);
    if (heading?.name === 'maintenance') {
      const mlm = cutMlm(source, heading);
      mlms.push(mlm);
      place = source.skipSpace(mlm.end);
      continue;
    }
    source.diagnostics.error(
      'FILE',
      place,
      'Here should be the beginning of an MLM',
      'An MLM begins with maintenance: and ends with end:',
    );
    place = source.skipSpace(nextMaintenance(source, place + 1));
  }
  if (mlms.length === 0 && source.text.trim() === '')
    source.diagnostics.error('FILE', 0, 'The file holds no MLM', 'An MLM begins with maintenance:');
  return mlms;
}

function cutMlm(source: Source, maintenance: Heading): CutMlm {
  const slots: CutSlot[] = [];
  let category: Category = 'maintenance';
  let version: ArdenVersion | undefined;
  let undeclared = undeclaredVersion;
  let place = source.skipSpace(maintenance.end);
  const finish = (end: number): CutMlm => ({
    start: maintenance.start,
    end,
    arden: version ?? undeclared,
    slots,
  });
  while (place < source.text.length) {
    const heading = headingAt(source, place);
    if (heading === undefined) {
      source.diagnostics.error('FILE', place, 'Here should be a slot', 'A slot is written name: text ;;');
      place = source.skipSpace(nextHeading(source, place + 1));
    } else if (heading.name === 'end') return finish(heading.end);
    else if (heading.name === 'maintenance') {
      source.diagnostics.departure('FILE', place, 'The MLM before this one has no end:');
      return finish(place);
    } else if (isCategory(heading.name)) {
      category = heading.name;
      place = source.skipSpace(heading.end);
    } else {
      const { slot, next } = cutSlot(source, heading, category, version ?? undeclared);
      slots.push(slot);
      // Only version 1 calls the name of an MLM so, and has no slot for the version.
      if (slot.name === 'filename') undeclared = [1, 0];
      if (slot.name === 'arden') version ??= readVersion(slot.text)?.version;
      place = source.skipSpace(next);
    }
  }
  source.diagnostics.departure('FILE', place, 'The MLM has no end:');
  return finish(source.text.length);
}

function cutSlot(
  source: Source,
  heading: Heading,
  category: Category,
  version: ArdenVersion,
): { slot: CutSlot; next: number } {
  const rule = slotRule(heading.name);
  const start = source.skipBlanks(heading.end);
  const common = { category, name: heading.name, heading: heading.start };
  if (rule?.code === true) {
    const { tokens, end, next } = lexSlot(source, start, rank(version));
    return { slot: { ...common, ...trimmed(source, start, end), tokens }, next };
  }
  const { end, next } = textEnd(source, heading, start);
  return { slot: { ...common, ...trimmed(source, start, end) }, next };
}

function trimmed(source: Source, start: number, end: number): Pick<Slot, 'text' | 'span'> {
  const text = source.text.slice(start, end).trimEnd();
  return { text, span: { start: Math.min(start, end), end: Math.min(start, end) + text.length } };
}

/**
 * A text slot ends at `;;`. If the heading of a slot that may follow it begins a line before that, the `;;` was forgotten.
 */
function textEnd(source: Source, heading: Heading, start: number): { end: number; next: number } {
  const close = source.slotEnd.after(start);
  const forgotten = followingHeading(source, heading.name, start, close);
  if (forgotten !== undefined || close === Number.POSITIVE_INFINITY) {
    source.diagnostics.departure(
      'SLOT',
      heading.start,
      `The slot ${heading.name} is not closed`,
      'End it with ;;',
    );
    const end = forgotten ?? nextHeading(source, start);
    return { end, next: end };
  }
  const next = source.slotEnd.end;
  if (next > close + 2)
    source.diagnostics.departure('SYNTAX', close, 'There are more than two semicolons', 'End a slot with ;;');
  return { end: close, next };
}

/** Where the next slot of the same category, or a category, begins a line before a place. */
function followingHeading(source: Source, name: string, start: number, before: number): number | undefined {
  const own = slotRule(name);
  const place = source.heading.after(start);
  if (own === undefined || place >= before) return undefined;
  const next = headingAt(source, source.skipBlanks(place));
  if (next === undefined || next.name === name) return undefined;
  const follows = slotRules[slotRules.indexOf(own) + 1];
  return next.name === follows?.name || categories.has(next.name) ? place : undefined;
}

/** The heading at a place: a word, perhaps with blanks, and a colon. */
function headingAt(source: Source, place: number): Heading | undefined {
  const { text } = source;
  let end = place;
  while (isWordPart(text.charCodeAt(end)) || text.charCodeAt(end) === 45) end += 1;
  if (end === place || end - place > 80) return undefined;
  const colon = source.skipBlanks(end);
  if (text.charCodeAt(colon) !== 58) return undefined;
  return { name: text.slice(place, end).toLowerCase(), start: place, end: colon + 1 };
}

/** Where the text goes on to make sense after something that does not: a heading that begins a line or follows `;;`. */
function nextHeading(source: Source, from: number): number {
  return Math.min(source.heading.after(from), afterSlotEnd(source, from), source.text.length);
}

const afterSlotEnd = (source: Source, from: number): number => {
  const end = source.slotEnd.after(from);
  return end === Number.POSITIVE_INFINITY ? end : source.slotEnd.end;
};

function nextMaintenance(source: Source, from: number): number {
  let place = from;
  for (;;) {
    place = source.heading.after(place);
    if (place === Number.POSITIVE_INFINITY) return source.text.length;
    const start = source.skipBlanks(place);
    if (headingAt(source, start)?.name === 'maintenance') return start;
    place = start + 1;
  }
}

const isCategory = (name: string): name is Category => categories.has(name);
