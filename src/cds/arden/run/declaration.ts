import type { Statement } from '../syntax.js';
import type { Item, Value } from '../value.js';
import type { Execute, Frame } from './frame.js';
import { blank } from './object.js';
import type { Scope } from './scope.js';
import { preparePlace } from './target.js';
import { nothing, text, truth } from './values.js';

type Declaration = Extract<Statement, { kind: 'declare' | 'mlm' | 'argument' | 'object' | 'include' }>;

/** Statements that give names to what lies outside of the MLM. */
export function prepareDeclaration(statement: Declaration, scope: Scope): Execute {
  switch (statement.kind) {
    case 'declare':
      return declare(statement, scope);
    case 'mlm': {
      const place = preparePlace(statement.target, scope);
      const name = (statement.name ?? scope.mlm.name).toLowerCase();
      return (frame) => {
        frame.callees.set(place.number, { kind: 'mlm', name });
        place.set(frame, { type: 'term', value: name, primaryTime: null });
        return 'next';
      };
    }
    case 'argument': {
      const places = statement.targets.map((target) => preparePlace(target, scope));
      return (frame) => {
        places.forEach((place, index) => {
          place.set(frame, frame.host.arguments[index] ?? nothing);
        });
        return 'next';
      };
    }
    case 'object':
      // Known before the run, as are the declarations that INCLUDE brings: see prepare.ts.
      return () => 'next';
    case 'include':
      return include(statement, scope);
  }
}

/** Only tells of an MLM that is not known. */
function include({ name, span }: Extract<Statement, { kind: 'include' }>, scope: Scope): Execute {
  const number = scope.number(name);
  return (frame) => {
    const callee = frame.callees.get(number);
    const mlm = callee?.kind === 'mlm' ? callee.name : name;
    if (!frame.programs(mlm)) {
      const message = `The MLM ${mlm} is not known here: nothing is included.`;
      frame.session.diagnose({ code: 'CALL', message, span });
    }
    return 'next';
  };
}

function declare(
  { what, target, as: type, braces, span }: Extract<Statement, { kind: 'declare' }>,
  scope: Scope,
): Execute {
  const place = preparePlace(target, scope);
  const key = normal(braces.text);
  return (frame) => {
    switch (what) {
      case 'event':
        frame.callees.set(place.number, { kind: 'event', braces: braces.text });
        place.set(frame, evoked(frame, key, target.name));
        break;
      case 'interface':
        frame.callees.set(place.number, { kind: 'interface', braces: braces.text });
        break;
      case 'destination':
        place.set(frame, typed(type, scope, frame.host.text(what, braces.text) ?? key));
        break;
      case 'message': {
        const message = frame.host.text(what, braces.text);
        if (message === undefined)
          frame.session.diagnose({ code: 'UNBOUND', message: `Nothing is bound to {${key}}.`, span });
        place.set(frame, message === undefined ? nothing : typed(type, scope, message));
        break;
      }
    }
    return 'next';
  };
}

/** Whether it is the event that evoked the run, known by the text between its braces or by its name; its time is when. */
function evoked({ host }: Frame, key: string, name: string): Item {
  if (!host.event) return truth(false);
  const given = normal(host.event.name);
  const is = given === key || given.toLowerCase() === name;
  return is ? truth(true, host.event.time) : truth(false);
}

/** A text, or an object of a type whose first attribute is the text. */
function typed(type: string | undefined, scope: Scope, content: string): Value {
  if (type === undefined) return text(content);
  const object = blank(type, scope.types.get(type) ?? []);
  const [first] = object.attributes.keys();
  if (first !== undefined) object.attributes.set(first, text(content));
  return { type: 'object', value: object, primaryTime: null };
}

/** A text between braces as it is compared: trimmed, with single spaces. */
export function normal(braces: string): string {
  return braces.trim().replace(/\s+/g, ' ');
}
