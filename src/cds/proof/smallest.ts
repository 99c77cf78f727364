import { Engine } from './engines.js';
import type { Patient, Population } from './patients.js';

/** What is left of the patient in whom the engines differ when every row goes without which they still do. */
export async function smallest(
  { now, patients }: Population,
  found: readonly string[],
  differing: (engine: Engine) => Promise<readonly string[]>,
): Promise<string> {
  const number = Number(/patient (\d+)/.exec(found[0] ?? '')?.[1]);
  let patient = patients[number - 1];
  if (!patient) return '';
  const differs = async (rows: Patient): Promise<boolean> => {
    const engine = await Engine.of({ now, patients: [rows] });
    try {
      return (await differing(engine)).length > 0;
    } finally {
      engine.close();
    }
  };
  for (const fact of patient.keys())
    for (let at = (patient.get(fact)?.length ?? 0) - 1; at >= 0; at -= 1) {
      const fewer: Patient = new Map([
        ...patient,
        [fact, (patient.get(fact) ?? []).filter((_, row) => row !== at)],
      ]);
      if (await differs(fewer)) patient = fewer;
    }
  const rows = [...patient].flatMap(([fact, all]) =>
    all.map(({ key, values }) => `${fact} ${key} ${JSON.stringify(values)}`),
  );
  return [`now ${new Date(now.wall).toISOString()}`, ...rows].join('\n');
}
