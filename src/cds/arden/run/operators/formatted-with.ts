import type { Item } from '../../value.js';
import { formatTimeOfDay, formatValue, formatWallClock } from '../format.js';
import { items, nothing, primaryTimeOf, sameTime, text } from '../values.js';
import type { Operation } from './operation.js';

/**
 * `x FORMATTED WITH "…"`: the text with each `%` specification replaced by the next element of the list, as `printf` of C
 * does it: flags `- + space 0 #`, width, precision, and one of `d i u o x X f e E g G c s t`. `%t` writes a time, the
 * precision saying up to which part (0 year … 5 second). An element that is missing or of another type is written `null`.
 */
export const formattedWith: Operation = ([value = nothing, format = nothing]) => {
  if (format.type !== 'string') return nothing;
  const time = primaryTimeOf(value);
  const written = writeAll(format.value, [...items(value)]);
  return text(written, sameTime(time, format.primaryTime) ? time : null);
};

const specification = /%(?:%|([-+ 0#]*)(\d+|\*)?(?:\.(\d+|\*)?)?([diuoxXfeEgGcst]))/gi;

/** Nothing is padded beyond this. */
const widest = 1000;

interface Specification {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly letter: string;
}

function writeAll(format: string, elements: Item[]): string {
  const sizeOf = (given: string | undefined): number | undefined => {
    if (given === undefined) return undefined;
    const size = given === '*' ? elements.shift() : undefined;
    const chosen = given === '*' ? (size?.type === 'number' ? size.value : 0) : Number(given);
    return Math.min(widest, Math.max(0, Math.trunc(chosen)));
  };
  return format.replace(
    specification,
    (whole, flags?: string, width?: string, precision?: string, letter?: string) => {
      if (letter === undefined) return '%';
      const dot = whole.includes('.');
      const spec: Specification = {
        flags: flags ?? '',
        width: sizeOf(width) ?? 0,
        precision: sizeOf(precision) ?? (dot ? 0 : undefined),
        letter:
          letter === 'I' || letter === 'D' || letter === 'S' || letter === 'T'
            ? letter.toLowerCase()
            : letter,
      };
      return padded(write(spec, elements.shift() ?? nothing), spec);
    },
  );
}

function padded(written: string, { flags, width, precision, letter }: Specification): string {
  if (flags.includes('-')) return written.padEnd(width);
  const whole = /[diuox]/i.test(letter);
  const numeric = whole || /[feg]/i.test(letter);
  if (!flags.includes('0') || !numeric || (whole && precision !== undefined)) return written.padStart(width);
  const sign = /^[-+ ]/.test(written) ? written.charAt(0) : '';
  return sign + written.slice(sign.length).padStart(width - sign.length, '0');
}

function write(spec: Specification, element: Item): string {
  switch (spec.letter) {
    case 's':
      return formatValue(element).slice(0, spec.precision ?? Infinity);
    case 't':
      return writeTime(element, spec.precision ?? 5);
    case 'c':
      return element.type === 'number' && element.value >= 0 && element.value <= 0x10ffff
        ? String.fromCodePoint(Math.trunc(element.value))
        : formatValue(element).slice(0, 1);
    default:
      return element.type === 'number' ? signed(spec, element.value) : formatValue(element);
  }
}

function signed(spec: Specification, value: number): string {
  const digits = digitsOf(spec, Math.abs(value));
  const negative = value < 0 && /[1-9a-f]/i.test(digits);
  if (negative) return `-${digits}`;
  return spec.flags.includes('+') ? `+${digits}` : spec.flags.includes(' ') ? ` ${digits}` : digits;
}

function digitsOf({ letter, precision, flags }: Specification, value: number): string {
  const prefix = flags.includes('#');
  switch (letter) {
    case 'o':
      return (prefix ? '0' : '') + wholeDigits(value, 8, precision);
    case 'x':
      return (prefix ? '0x' : '') + wholeDigits(value, 16, precision);
    case 'X':
      return (prefix ? '0X' : '') + wholeDigits(value, 16, precision).toUpperCase();
    case 'f':
    case 'F':
      return fixed(value, precision ?? 6);
    case 'e':
      return exponential(value, precision ?? 6);
    case 'E':
      return exponential(value, precision ?? 6).toUpperCase();
    case 'g':
      return general(value, precision ?? 6, prefix);
    case 'G':
      return general(value, precision ?? 6, prefix).toUpperCase();
    default:
      return wholeDigits(value, 10, precision);
  }
}

function wholeDigits(value: number, radix: number, precision = 1): string {
  return BigInt(Math.trunc(value)).toString(radix).padStart(precision, '0');
}

function fixed(value: number, precision: number): string {
  return value < 1e21 ? value.toFixed(Math.min(100, precision)) : wholeDigits(value, 10);
}

/** At least two digits of exponent. */
function exponential(value: number, precision: number): string {
  return value.toExponential(Math.min(100, precision)).replace(/e([+-])(\d)$/, 'e$10$2');
}

function general(value: number, given: number, keepZeros: boolean): string {
  const precision = Math.max(1, Math.min(100, given));
  const exponent = value === 0 ? 0 : Number(value.toExponential(precision - 1).split('e')[1]);
  const plain = exponent >= -4 && exponent < precision;
  const written = plain ? fixed(value, precision - 1 - exponent) : exponential(value, precision - 1);
  if (keepZeros || !written.includes('.')) return written;
  return plain ? written.replace(/\.?0+$/, '') : written.replace(/\.?0+e/, 'e');
}

/** Where the parts of an ISO time end: year, month, day, hour, minute, second. */
const ends = [4, 7, 10, 13, 16, 19] as const;

function writeTime(element: Item, precision: number): string {
  if (element.type === 'time of day') return formatTimeOfDay(element.value);
  if (element.type !== 'time') return formatValue(element);
  const end = ends[precision];
  return formatWallClock(element.value.wall).slice(0, end);
}
