import { createHash } from 'node:crypto';
import { MaplewoodError, systemCode } from '../../errors.js';

/** An error without what it says: enough to tell one defect from another, and the same one when it comes again. */
export interface Failure {
  /** Class of the error; `Error` where it has a name that no class has. */
  readonly name: string;
  /** Code of the catalogue, or of the system. */
  readonly code: string;
  /** Twelve hexadecimal digits over class, code and the functions and lines that were under way. */
  readonly fingerprint: string;
}

/** The failure behind an error: of one with a cause, that of the innermost. */
export function failureOf(error: unknown): Failure {
  const cause = innermost(error);
  const name = cause instanceof Error && /^[A-Za-z_$][\w$]{0,63}$/.test(cause.name) ? cause.name : 'Error';
  const given = cause instanceof MaplewoodError ? cause.code : systemCode(cause);
  const code = given !== undefined && /^[A-Z][A-Z0-9_]{0,63}$/.test(given) ? given : 'none';
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([name, code, cause instanceof Error ? framesOf(cause) : []]))
    .digest('hex')
    .slice(0, 12);
  return { name, code, fingerprint };
}

function innermost(error: unknown): unknown {
  let cause = error;
  for (let depth = 0; depth < 8 && cause instanceof Error && cause.cause instanceof Error; depth += 1)
    cause = cause.cause;
  return cause;
}

/** Further out stands who asked, which differs for one and the same defect. */
const depthTold = 5;

/** A frame as the engine writes it: a function, and a file with line and column. */
const frame = /^ {4}at (?:(.*) \()?(?:file:\/\/)?([^()]*?):(\d+):(\d+)\)?$/;

/**
 * Function, file, line and column of the frames in the product's own files, wherever it is installed. The message stands
 * before them in the stack and may have lines that look like frames: it is cut off.
 */
function framesOf({ message, stack = '' }: Error): string[] {
  const rest = stack.slice(stack.indexOf(message) + message.length);
  const own = rest.split('\n').flatMap((line) => {
    const [, called = '', file = '', row, column] = frame.exec(line) ?? [];
    if (row === undefined || file.startsWith('node:') || file.includes('/node_modules/')) return [];
    return [`${called} ${file.slice(file.lastIndexOf('/') + 1)}:${row}:${column}`];
  });
  return own.slice(0, depthTold);
}
