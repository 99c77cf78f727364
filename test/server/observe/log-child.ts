import { makeLog, standardError } from '../../../src/server/observe/log.js';

/** Logs more than a pipe holds, and ends at once in the given way. */
function main(end: string | undefined): void {
  const log = makeLog(standardError());
  for (let release = 0; release < 20_000; release += 1) log.release({ release });
  if (end === 'end') {
    process.stdout.write('goes on\n');
    return;
  }
  if (end === 'exit') process.exit(0);
  if (end === 'throw') throw new Error('as asked');
  process.kill(process.pid, 'SIGKILL');
}

main(process.argv[2]);
