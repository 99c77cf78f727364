import { shownOfRun } from '../../schema/cds-limits.js';
import { blockers } from '../arden/run/blockers.js';
import { explainer } from '../arden/run/explain.js';
import { printLiteral } from '../arden/run/literal.js';
import type { Outcome } from '../arden/run/run.js';
import { partsOf, type TraceNode } from '../arden/run/trace.js';
import { primaryTimeOf } from '../arden/run/values.js';
import type { Mlm } from '../arden/syntax.js';
import type { Item, Time, Value } from '../arden/value.js';
import type { Told } from './told.js';

/** A part of a rule, and what came of it. */
export interface ShownNode {
  /** Where it stands in the text of the rule, from 1. */
  readonly line: number;
  readonly column: number;
  readonly text: string;
  /** As the language writes it; null where it has none, or none that the caller may see. */
  readonly value: string | null;
  readonly primaryTime: string | null;
  readonly blockerKind: string | null;
  readonly children: readonly ShownNode[];
}

export interface ShownTrace {
  readonly nodes: readonly ShownNode[];
  /** All that happened is there. */
  readonly isComplete: boolean;
}

export interface ShownBlockers {
  readonly nodes: readonly ShownNode[];
  /** Facts of which nothing was there, as the rule names them. */
  readonly missing: readonly string[];
}

export interface ShownVariable {
  readonly name: string;
  readonly value: string;
  readonly primaryTime: string | null;
}

/** What of a run may be shown. */
export interface ShownTo {
  /** The caller may see every row that the rule has read. */
  readonly isOpen: boolean;
  readonly told: Told;
  /** The time as of which it was run. */
  readonly now: Time;
}

/** Characters of a value. */
const longestValue = 400;

/**
 * Shows what a run has come to. Of what rests on rows that the caller may not see, or on columns that datasets do not show as they
 * are, no value is told but TRUE, FALSE and NULL; of times of events the hour.
 */
export function shownRun(
  { text, mlm }: { readonly text: string; readonly mlm: Mlm },
  outcome: Outcome,
  { isOpen, told, now }: ShownTo,
) {
  const source = explainer({ file: '', text });
  const shownValue = (value: Value | null, isTold: boolean): Pick<ShownNode, 'value' | 'primaryTime'> =>
    value !== null && ((isOpen && isTold) || isTruth(value))
      ? {
          value: cut(printLiteral(toTheHour(value, now))),
          primaryTime: isOpen ? hourText(primaryTimeOf(value)) : null,
        }
      : { value: null, primaryTime: null };
  const nodeOf = ({ span, value, tree }: TraceNode, children: readonly ShownNode[]): ShownNode => ({
    ...source.at(span),
    ...shownValue(value, told.tree(tree)),
    blockerKind: null,
    children,
  });

  return {
    trace(): ShownTrace {
      let left: number = shownOfRun.nodes;
      const shown = (nodes: readonly TraceNode[]): ShownNode[] =>
        nodes.filter(says).flatMap((node) => {
          left -= 1;
          return left < 0 ? [] : [nodeOf(node, shown(partsBelow(node)))];
        });
      const nodes = shown(outcome.trace ?? []);
      const last = nodes.at(-1);
      const isComplete = left >= 0 && !outcome.diagnostics.some(({ code }) => code === 'TRACE');
      return { isComplete, nodes: isComplete || !last ? nodes : [...nodes, { ...last, ...more }] };
    },

    blockers(): ShownBlockers {
      const found = blockers(mlm, outcome).slice(0, shownOfRun.blockers);
      return {
        nodes: found.map(({ kind, node }) => ({
          ...nodeOf(
            node,
            partsOf(node)
              .filter((child) => child.value !== null && says(child))
              .slice(0, shownOfRun.operands)
              .map((child) => nodeOf(child, [])),
          ),
          blockerKind: kind,
        })),
        missing: [...new Set(found.flatMap(({ missing }) => missing))],
      };
    },

    /** Variables with a single value. */
    variables(): ShownVariable[] {
      return [...outcome.variables].flatMap(([name, item]) => {
        if (item.type === 'list' || item.type === 'object' || item.type === 'null') return [];
        const { value, primaryTime } = shownValue(item, told.variable(name));
        return value === null ? [] : [{ name, value, primaryTime }];
      });
    },
  };
}

/** What is shown below a node: below what has the value of an expression that it is, what that is made of. */
function partsBelow(node: TraceNode): readonly TraceNode[] {
  const parts = partsOf(node);
  const [whole] = parts;
  const isWhole = (node.tree.kind === 'assign' || node.tree.kind === 'conclude') && parts.length === 1;
  return isWhole && whole ? partsOf(whole) : parts;
}

/** Stands at the end of a trace that has not all. */
const more = { text: '…', value: null, primaryTime: null, children: [] } as const;

/** A constant says nothing that does not stand in the text of what it is part of. */
const says = ({ tree }: TraceNode): boolean => tree.kind !== 'constant';

const isTruth = ({ type }: Value): boolean => type === 'boolean' || type === 'null';

const cut = (text: string): string =>
  text.length > longestValue ? `${text.slice(0, longestValue - 1)}…` : text;

const hour = 3_600_000;

/** The instant at which the hour of a time began. */
export const hourText = (time: Time | null): string | null =>
  time && `${new Date(Math.floor(time.instant / hour) * hour).toISOString().slice(0, 19)}Z`;

/** The value with the hours of times; NOW tells nothing of the patient. */
function toTheHour(value: Value, now: Time): Value {
  if (value.type === 'list')
    return { ...value, items: value.items.map((item) => toTheHour(item, now) as Item) };
  if (value.type !== 'time' || value.value.instant === now.instant) return value;
  const past = value.value.instant % hour;
  const { wall, instant } = value.value;
  return { ...value, value: { wall: wall - past, instant: instant - past } };
}
