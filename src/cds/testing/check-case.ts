import { formatValue } from '../arden/run/format.js';
import { prepare } from '../arden/run/run.js';
import type { Mlm } from '../arden/syntax.js';
import type { Registry } from '../facts/registry.js';
import type { FixtureCase } from './fixture.js';
import { fixtureHosts } from './fixture-host.js';

/** Runs a rule on cases. What came out otherwise than expected, a line each. */
export function caseChecker(mlm: Mlm, registry: Registry): (one: FixtureCase) => readonly string[] {
  const run = prepare(mlm);
  const hostOf = fixtureHosts(registry);
  return (one) => {
    const { concluded, written, urgency, diagnostics } = run(hostOf(one));
    const said = written.map(({ text }) => text).join('\n');
    const urgencySaid = formatValue(urgency);
    return [
      ...diagnostics.map(({ message }) => message),
      ...(concluded === one.fires ? [] : [`fires: ${concluded}, not ${one.fires}`]),
      ...(one.fires === true && said === '' ? ['nothing is written'] : []),
      ...(one.message === undefined || said === one.message
        ? []
        : [`message: ${said}`, `not: ${one.message}`]),
      ...(one.urgency === undefined || urgencySaid === String(one.urgency)
        ? []
        : [`urgency: ${urgencySaid}, not ${one.urgency}`]),
    ];
  };
}
