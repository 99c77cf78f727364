import type { Span } from '../syntax.js';
import type { Evaluate, Execute } from './frame.js';
import { items, truthOf } from './values.js';

/** FOR: over the elements of a list; NULL has none. */
export function forEach(variable: number, list: Evaluate, turn: Execute, span: Span): Execute {
  return (frame) => {
    const over = list(frame);
    if (over.type === 'null') return 'next';
    for (const element of items(over)) {
      frame.session.step(span);
      frame.values[variable] = element;
      const signal = turn(frame);
      if (signal === 'stop') return 'stop';
      if (signal === 'break') break;
    }
    return 'next';
  };
}

/** WHILE: as long as the condition is TRUE. */
export function whileTrue(condition: Evaluate, turn: Execute, span: Span): Execute {
  return (frame) => {
    while (truthOf(condition(frame)) === true) {
      frame.session.step(span);
      const signal = turn(frame);
      if (signal === 'stop') return 'stop';
      if (signal === 'break') break;
    }
    return 'next';
  };
}
