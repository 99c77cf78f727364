import type { CellFigures } from '../../access/complementary/cell.js';
import { inTurns } from '../../access/complementary/in-turns.js';
import { protector } from '../../access/complementary/protect.js';
import { type Figure, type FigureKind, withheldOf } from '../../measures/figures.js';
import type { MartPlan, Published } from '../../measures/mart.js';
import { atOnce } from '../at-once.js';
import type { Engine } from '../engine.js';
import { name } from '../sql.js';
import { type GoldInputs, inRelease } from './load.js';
import { publishedCells } from './published-cells.js';

/** By what figures are hidden, and the last day with data. */
type Withholding = Pick<GoldInputs, 'disclosure'> & {
  readonly days: Pick<GoldInputs['days'], 'dataAsOf'>;
};

/** Marks in a mart the published figures from which a hidden one could be worked out, and no others. */
export const withholdCells = (engine: Engine, inputs: Withholding, mart: MartPlan): Promise<void> =>
  inRelease(engine, async () => {
    const { published } = mart;
    // The engine keeps the numbers of rows, which are read before they are used, within a transaction only.
    if (published) await atOnce(engine, () => withhold(engine, mart, published, inputs));
  });

async function withhold(
  engine: Engine,
  mart: MartPlan,
  published: Published,
  { days, disclosure }: Withholding,
): Promise<void> {
  // Marts are corrected two at a time: while one is withheld from, the statements of the other go on.
  const giveWay = inTurns();
  const cells = await publishedCells(engine, mart, published, days.dataAsOf, disclosure, giveWay);
  let made: Protect | undefined;
  const protect = onceForAlike(async (figures, kind) => {
    if (!figures.hidden.includes(1)) return new Set();
    made ??= protector(await cells.lattice(), disclosure, giveWay);
    return made(figures, kind);
  });
  const found = new Map<string, ReadonlySet<number>>();
  for (const figure of published.figures) {
    found.set(figure.column, await protect(cells.figures(figure), figure.kind));
    await giveWay();
  }
  const withheldIn = ({ column, beside }: Figure): ReadonlySet<number> =>
    new Set([column, beside ?? column].flatMap((one) => [...(found.get(one) ?? [])]));
  const changes = published.figures.flatMap((figure) => {
    const withheld = withheldIn(figure);
    const marked = cells.marked(figure);
    const rowsWhere = (isSo: (at: number) => boolean): number[] => cells.rowIds.filter((_id, at) => isSo(at));
    return [
      { figure, value: 'true', rows: rowsWhere((at) => withheld.has(at) && !marked[at]) },
      { figure, value: 'null', rows: rowsWhere((at) => !withheld.has(at) && marked[at] === true) },
    ].filter(({ rows }) => rows.length > 0);
  });
  for (const { figure, value, rows } of changes)
    await engine.run(
      `update ${mart.name} set ${name(withheldOf(figure.column))} = ${value} where rowid in (${rows.join(', ')})`,
    );
}

type Protect = ReturnType<typeof protector>;

/** Figures that are the same in every cell need the same protection: where every event has a value, say. */
function onceForAlike(protect: Protect): Protect {
  const done: { figures: CellFigures; kind: FigureKind; withheld: ReadonlySet<number> }[] = [];
  return async (figures, kind) => {
    const { values, hidden } = figures;
    const alike = done.find(
      (one) =>
        one.kind === kind &&
        one.figures.values.every((value, at) => value === values[at]) &&
        one.figures.hidden.every((flag, at) => flag === hidden[at]),
    );
    if (alike) return alike.withheld;
    const withheld = await protect(figures, kind);
    done.push({ figures, kind, withheld });
    return withheld;
  };
}
