import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configAt, loadAt, synthAt } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
it('x', async () => {
  const f = temporaryFolder();
  const t0 = Date.now();
  const landing = await synthAt(f);
  const t1 = Date.now();
  const config = configAt(join(f, 'home'));
  const r = await loadAt(config, landing);
  const t2 = Date.now();
  const r2 = await loadAt(config, landing);
  console.log(t1 - t0, t2 - t1, Date.now() - t2, r2.outcome, r.sources, r.warnings);
  const m = JSON.parse(readFileSync(join(landing, 'faults.json'), 'utf8'));
  const seen = new Map<string, number>();
  for (const q of r.quality) seen.set(`${q.dataset}/${q.rule}`, (seen.get(`${q.dataset}/${q.rule}`) ?? 0) + q.violated);
  const out = [];
  for (const [k, n] of Object.entries(m.counts)) { if (seen.get(k) !== n) out.push([k, n, seen.get(k)].join(' ')); }
  for (const [k, n] of seen) if (!(k in m.counts) && n > 0) out.push(`only ETL ${k} ${n}`);
  console.log(out.join('\n'), m.parts);
});
