import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { planSynthesis } from '../../src/synth/options.js';
import { synthesise } from '../../src/synth/synthesise.js';
import { landing } from './landing.js';

const options = { out: 'x', patients: 10, seed: 1, years: 1, faultRate: 0, referenceDir: 'reference' };

describe('synth options', () => {
  it.each([
    [{ patients: 0 }],
    [{ patients: 1.5 }],
    [{ patients: 100_000_001 }],
    [{ years: 0 }],
    [{ years: 11 }],
    [{ faultRate: -0.1 }],
    [{ faultRate: 1.1 }],
    [{ faultRate: Number.NaN }],
    [{ seed: -1 }],
    [{ seed: 0.5 }],
    [{ start: '2024-02-30' }],
    [{ start: 'soon' }],
    [{ out: '' }],
  ])('refuses %j as wrong usage', (change) => {
    expect(() => planSynthesis({ ...options, ...change })).toThrow(
      expect.objectContaining({ code: 'USAGE' }),
    );
  });

  it('ends a period on the day before its anniversary', () => {
    expect(planSynthesis({ ...options, years: 2 }).end).toBe('2025-12-31');
    expect(planSynthesis({ ...options, start: '2023-04-01' }).end).toBe('2024-03-31');
  });

  it('adds trusts beyond 100,000 patients', () => {
    expect(planSynthesis({ ...options, patients: 100_000 }).trusts).toBe(10);
    expect(planSynthesis({ ...options, patients: 1_000_000 }).trusts).toBe(46);
  });
});

describe('a run that does not end well', () => {
  it('names a missing code list and leaves nothing behind', async () => {
    const { remove, ...where } = landing({ patients: 10, referenceDir: '/nowhere' });
    await expect(synthesise(where)).rejects.toMatchObject({ code: 'CONFIGURATION' });
    expect(readdirSync(where.out)).toEqual([]);
    remove();
  });

  it('stopped halfway, leaves whole files and no scratch', async () => {
    const { remove, ...where } = landing({ patients: 50 });
    const stop = (step: string): void => {
      if (step === 'ecds_attendances') throw new Error('stopped');
    };
    await expect(synthesise(where, stop)).rejects.toThrow('stopped');
    expect(readdirSync(where.out).sort()).toEqual(['patients', 'practices', 'sus_episodes', 'trusts']);
    expect(readdirSync(join(where.out, 'patients'))).toEqual(['patients.parquet']);
    expect(existsSync(join(where.out, 'faults.json'))).toBe(false);
    remove();
  });
});
