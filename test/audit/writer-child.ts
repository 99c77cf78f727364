import { auditLog } from '../../src/audit/log.js';
import { writerKey } from './writer-key.js';

/** Adds records until it is killed, and prints the number of each once it is acknowledged. */
async function main([folder = '', from = '0']: readonly string[]): Promise<void> {
  const log = auditLog({ folder, key: writerKey(0x21), earlierKeys: new Set() });
  for (let n = Number(from); ; n += 1) {
    await log.append({ kind: 'test', n, padding: 'x'.repeat(n % 3_000) });
    process.stdout.write(`${n}\n`);
  }
}

void main(process.argv.slice(2));
