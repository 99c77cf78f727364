import { auditLog } from '../../src/audit/log.js';
import { armFailPoint } from '../../src/config/fail-point.js';
import { countOf, patientsFrom } from './records.js';
import { writerKey } from './writer-key.js';

/**
 * Adds records until it is killed, at a fail point where one is named, two kept before each that is waited for, and prints the
 * number of that one.
 */
async function main([folder = '', from = '0', point, passing]: readonly string[]): Promise<void> {
  if (point !== undefined) armFailPoint({ does: 'kill', point, passing: Number(passing) });
  const key = writerKey(0x21);
  const log = auditLog({ folder, key, earlierKeys: new Set(), recordsPerSegment: 200 });
  const about = (n: number) => {
    const patients = patientsFrom(n, n % 5 === 0 ? n % 40 : 0);
    return [
      { kind: 'test', n, padding: 'x'.repeat(n % 3_000), ...countOf(key, patients) },
      patients,
    ] as const;
  };
  for (let n = Number(from); ; n += 3) {
    log.keep(...about(n));
    log.keep(...about(n + 1));
    await log.append(...about(n + 2));
    process.stdout.write(`${n + 2}\n`);
  }
}

void main(process.argv.slice(2));
