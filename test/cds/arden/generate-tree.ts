import * as fc from 'fast-check';
import { binaryRules, countedOperators, functionWords, timeParts } from '../../../src/cds/arden/operators.js';
import type {
  Braces,
  Constant,
  Expression,
  Mlm,
  Operator,
  ReadAggregate,
  Slot,
  Statement,
  Target,
  Trigger,
} from '../../../src/cds/arden/syntax.js';

/** Random trees of the shapes that the parser makes, all of them of version 2.10. */

const span = { start: 0, end: 0 };

/** Names that every generated MLM assigns to. */
export const generatedNames = ['alpha', 'beta', 'gamma', 'delta_1', 'n'] as const;

const name = fc.constantFrom(...generatedNames);
const attribute = fc.constantFrom('weight', 'colour', 'part_2');
const objectType = fc.constantFrom('bed', 'patient_type');

const characters = (alphabet: string, maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...alphabet), { maxLength }).map((list) => list.join(''));

/** New lines stand alone: the language has no text with two of them, or with blanks around one. */
const text = fc
  .array(
    characters('abcdeXYZ0189.;:\'"{}()é€', 8).filter((piece) => piece !== ''),
    { maxLength: 3 },
  )
  .chain((pieces) => fc.constantFrom(pieces.join(' '), pieces.join('\n')));

const lastDay = Date.UTC(9999, 11, 31);

const constant: fc.Arbitrary<Constant> = fc.oneof(
  fc.constant<Constant>({ type: 'null' }),
  fc.constant<Constant>({ type: 'empty list' }),
  fc.boolean().map((value): Constant => ({ type: 'boolean', value })),
  fc.nat(1000).map((value): Constant => ({ type: 'number', value })),
  fc
    .double({ min: 0, noNaN: true, noDefaultInfinity: true })
    .filter((value) => !Object.is(value, -0))
    .map((value): Constant => ({ type: 'number', value })),
  text.map((value): Constant => ({ type: 'string', value })),
  characters('abc XY.09_"', 8).map((value): Constant => ({ type: 'term', value })),
  fc.integer({ min: 0, max: lastDay }).map((value): Constant => ({ type: 'time', value })),
  fc.nat(86_399_999).map((value): Constant => ({ type: 'time of day', value })),
  fc.integer({ min: 1, max: 7 }).map((value): Constant => ({ type: 'day of week', value })),
);

const aggregated = functionWords.map(([, operator]) => operator);
const counted = [...countedOperators.values()];

/** Operators by the number of their operands; those of two numbers take either. */
const operators: readonly { operator: Operator; least: number; most: number }[] = [
  ...(
    [
      ...aggregated,
      'single',
      'sort data',
      'sort time',
      'not',
      'is null',
      'trim',
      'trim left',
      'trim right',
      'extract characters',
      'extract attribute names',
      'negate',
      'as number',
      'as time',
      'as string',
      'years',
      'months',
      'weeks',
      'days',
      'hours',
      'minutes',
      'seconds',
      ...timeParts.map((part) => `extract ${part}` as const),
      'extract time of day',
      'extract day of week',
      'percent increase',
      'percent decrease',
      'index minimum',
      'index maximum',
      'index earliest',
      'index latest',
      'time',
      'time of day of',
    ] as const
  ).map((operator) => ({ operator, least: 1, most: 1 })),
  ...(
    [
      ...binaryRules.map(({ operator }) => operator),
      ...counted,
      'index',
      'in',
      'matches pattern',
      'within same day',
      'before',
      'after',
      'formatted with',
      ...timeParts.map((part) => `replace ${part}` as const),
      'at least',
      'at most',
      'nearest',
      'index nearest',
      'index minimum from',
      'index maximum from',
      'remove from',
      'attribute',
    ] as const
  ).map((operator) => ({ operator, least: 2, most: 2 })),
  ...(['find', 'substring', 'sublist', 'add to'] as const).map((operator) => ({
    operator,
    least: 2,
    most: 3,
  })),
  { operator: 'within', least: 3, most: 3 },
];

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  constant.map((value): Expression => ({ kind: 'constant', constant: value, span })),
  name.map((value): Expression => ({ kind: 'name', name: value, span })),
  fc.constant<Expression>({ kind: 'it', span }),
  fc
    .constantFrom('now', 'eventtime', 'triggertime', 'currenttime')
    .map((clock): Expression => ({ kind: 'clock', clock, span })),
);

const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'expression' },
    leaf,
    operation(tie('expression')),
    others(tie('expression')),
  ),
}));

function operation(operand: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  return fc
    .constantFrom(...operators)
    .chain(({ operator, least, most }) =>
      fc
        .array(operand, { minLength: least, maxLength: most })
        .map((operands): Expression => ({ kind: 'operation', operator, operands, span })),
    );
}

function others(inner: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  return fc.oneof(
    fc
      .tuple(inner, inner)
      .map(([value, condition]): Expression => ({ kind: 'where', value, condition, span })),
    fc
      .tuple(fc.constantFrom<Operator>('minimum', 'maximum', 'sort data', 'sort time', 'first'), inner, inner)
      .map(
        ([operator, operand, each]): Expression => ({
          kind: 'using',
          operator,
          operands: [operand],
          each,
          span,
        }),
      ),
    fc.tuple(fc.constantFrom(...counted), inner, inner, inner).map(
      ([operator, n, list, each]): Expression => ({
        kind: 'using',
        operator,
        operands: [n, list],
        each,
        span,
      }),
    ),
    fc
      .tuple(
        inner,
        fc.oneof(
          fc.constantFrom('number', 'time', 'string', 'list', 'time of day', 'day of week'),
          objectType,
        ),
      )
      .map(([value, type]): Expression => ({ kind: 'is type', value, type, span })),
    fc
      .tuple(inner, attribute)
      .map(([object, of]): Expression => ({ kind: 'dot', object, attribute: of, span })),
    fc
      .tuple(
        objectType,
        fc.array(inner, { maxLength: 2 }),
        fc.array(fc.record({ attribute, value: inner }), { maxLength: 2 }),
      )
      .map(([type, values, named]): Expression => ({ kind: 'new', type, values, named, span })),
    fc.tuple(characters('abc_', 6), fc.option(inner, { nil: undefined })).map(
      ([key, language]): Expression => ({
        kind: 'localized',
        key,
        ...(language === undefined ? {} : { language }),
        span,
      }),
    ),
  );
}

export const expressionTree: fc.Arbitrary<Expression> = expression;

const target: fc.Arbitrary<Target> = fc
  .tuple(
    name,
    fc.array(
      fc.oneof(
        attribute.map((of) => ({ kind: 'attribute' as const, attribute: of })),
        leaf.map((index) => ({ kind: 'index' as const, index })),
      ),
      { maxLength: 2 },
    ),
  )
  .map(([of, path]) => ({ name: of, path, span }));
const plainTarget: fc.Arbitrary<Target> = name.map((of) => ({ name: of, path: [], span }));
const targets = fc.array(target, { minLength: 1, maxLength: 3 });

const braces: fc.Arbitrary<Braces> = characters('abc:, =\'";\n{|', 10).map((inner) => ({
  text: inner,
  span,
}));

const optional = <K extends string, T>(key: K, value: fc.Arbitrary<T>): fc.Arbitrary<{ [key in K]?: T }> =>
  fc
    .option(value, { nil: undefined })
    .map((given) => (given === undefined ? {} : { [key]: given }) as { [key in K]?: T });

const readAggregate: fc.Arbitrary<ReadAggregate> = fc.oneof(
  fc
    .constantFrom('count', 'exist', 'average', 'sum', 'median', 'minimum', 'last', 'earliest', 'no')
    .map((operator): ReadAggregate => ({ operator })),
  fc
    .tuple(fc.constantFrom('last from', 'first from', 'maximum from'), expression)
    .map(([operator, count]): ReadAggregate => ({ operator, count })),
);

const simple: fc.Arbitrary<Statement> = fc.oneof(
  fc
    .tuple(target, fc.boolean(), expression)
    .map(([to, time, value]): Statement => ({ kind: 'assign', target: to, time, value, span })),
  fc
    .tuple(targets, expression)
    .map(([to, value]): Statement => ({ kind: 'assign each', targets: to, value, span })),
  fc
    .tuple(
      fc.array(target, { maxLength: 2 }),
      name,
      fc.array(expression, { maxLength: 2 }),
      optional('delay', expression),
    )
    .map(
      ([to, callee, given, delay]): Statement => ({
        kind: 'call',
        targets: to,
        callee,
        arguments: given,
        ...delay,
        span,
      }),
    ),
);

const declarations: fc.Arbitrary<Statement> = fc.oneof(
  fc
    .tuple(
      targets,
      optional('aggregate', readAggregate),
      optional('as', objectType),
      braces,
      optional('where', expression),
    )
    .map(
      ([to, aggregate, as, between, where]): Statement => ({
        kind: 'read',
        targets: to,
        ...aggregate,
        ...as,
        braces: between,
        ...where,
        span,
      }),
    ),
  fc
    .tuple(fc.constantFrom('event', 'interface'), plainTarget, braces)
    .map(([what, to, between]): Statement => ({ kind: 'declare', what, target: to, braces: between, span })),
  fc.tuple(fc.constantFrom('message', 'destination'), plainTarget, optional('as', objectType), braces).map(
    ([what, to, as, between]): Statement => ({
      kind: 'declare',
      what,
      target: to,
      ...as,
      braces: between,
      span,
    }),
  ),
  fc
    .tuple(plainTarget, characters('abc_.-1', 6), optional('institution', text))
    .map(([to, of, institution]): Statement => ({ kind: 'mlm', target: to, name: of, ...institution, span })),
  plainTarget.map((to): Statement => ({ kind: 'mlm', target: to, name: null, span })),
  targets.map((to): Statement => ({ kind: 'argument', targets: to, span })),
  fc
    .tuple(plainTarget, fc.array(attribute, { minLength: 1, maxLength: 3 }))
    .map(([to, attributes]): Statement => ({ kind: 'object', target: to, attributes, span })),
  name.map((of): Statement => ({ kind: 'include', name: of, span })),
);

const outputs: fc.Arbitrary<Statement> = fc.oneof(
  fc
    .tuple(expression, optional('at', expression))
    .map(([value, at]): Statement => ({ kind: 'write', value, ...at, span })),
  fc
    .array(expression, { minLength: 1, maxLength: 3 })
    .map((values): Statement => ({ kind: 'return', values, span })),
);

const conclude = expression.map((value): Statement => ({ kind: 'conclude', value, span }));

/** Statements with those in them that one slot has of its own. */
function statements(own: fc.Arbitrary<Statement>): fc.Arbitrary<readonly Statement[]> {
  const level = (depth: number, loop: boolean): fc.Arbitrary<readonly Statement[]> => {
    const plain = loop
      ? fc.oneof(simple, own, fc.constant<Statement>({ kind: 'breakloop', span }))
      : fc.oneof(simple, own);
    const one =
      depth === 0
        ? plain
        : fc.oneof({ weight: 3, arbitrary: plain }, { weight: 1, arbitrary: blocks(depth, loop) });
    return fc.array(one, { maxLength: 3 });
  };
  const blocks = (depth: number, loop: boolean): fc.Arbitrary<Statement> => {
    const body = level(depth - 1, loop);
    const loopBody = level(depth - 1, true);
    return fc.oneof(
      fc
        .tuple(fc.array(fc.record({ condition: expression, body }), { minLength: 1, maxLength: 3 }), body)
        .map(([branches, otherwise]): Statement => ({ kind: 'if', branches, otherwise, span })),
      fc
        .tuple(name, expression, loopBody)
        .map(([variable, list, inner]): Statement => ({ kind: 'for', variable, list, body: inner, span })),
      fc
        .tuple(expression, loopBody)
        .map(([condition, inner]): Statement => ({ kind: 'while', condition, body: inner, span })),
      fc
        .tuple(expression, fc.array(fc.record({ value: expression, body }), { maxLength: 2 }), body)
        .map(([value, cases, otherwise]): Statement => ({ kind: 'switch', value, cases, otherwise, span })),
    );
  };
  return level(2, false);
}

const timeOfEvent = name.map(
  (of): Expression => ({
    kind: 'operation',
    operator: 'time',
    operands: [{ kind: 'name', name: of, span }],
    span,
  }),
);
const days = fc.nat(90).map(
  (value): Expression => ({
    kind: 'operation',
    operator: 'days',
    operands: [{ kind: 'constant', constant: { type: 'number', value }, span }],
    span,
  }),
);

const trigger: fc.Arbitrary<Trigger> = fc.oneof(
  fc.array(name, { minLength: 1, maxLength: 3 }).map((names): Trigger => ({ kind: 'events', names, span })),
  timeOfEvent.map((time): Trigger => ({ kind: 'at', time, span })),
  fc.tuple(timeOfEvent, days).map(
    ([time, delay]): Trigger => ({
      kind: 'at',
      time: { kind: 'operation', operator: '+', operands: [time, delay], span },
      span,
    }),
  ),
  fc.tuple(days, days, timeOfEvent, optional('until', expression)).map(
    ([every, lasting, starting, until]): Trigger => ({
      kind: 'every',
      every,
      lasting,
      starting,
      ...until,
      span,
    }),
  ),
);

const assigns: readonly Statement[] = generatedNames.map((of) => ({
  kind: 'assign',
  target: { name: of, path: [], span },
  time: false,
  value: { kind: 'constant', constant: { type: 'null' }, span },
  span,
}));

const slot = (category: Slot['category'], of: string, body = ''): Slot => ({
  category,
  name: of,
  text: body,
  span,
});

/** An MLM of version 2.10 with all of its slots, in which every name is assigned to. */
export const mlmTree: fc.Arbitrary<Mlm> = fc
  .record({
    mlm: characters('abcz', 8),
    data: statements(declarations),
    evoke: fc.array(trigger, { maxLength: 3 }),
    logic: statements(conclude),
    action: statements(outputs),
    priority: fc.integer({ min: 1, max: 99 }),
    urgency: fc.oneof(
      name.map((of): Expression => ({ kind: 'name', name: of, span })),
      fc
        .nat(99)
        .map((value): Expression => ({ kind: 'constant', constant: { type: 'number', value }, span })),
    ),
    texts: fc.dictionary(characters('abc_', 5), text, { maxKeys: 3 }),
  })
  .map(({ mlm, data, evoke, logic, action, priority, urgency, texts }) => ({
    name: `m${mlm}`,
    arden: [2, 10] as const,
    validation: 'research' as const,
    slots: [
      slot('maintenance', 'title', 'Generated'),
      slot('maintenance', 'mlmname', `m${mlm}`),
      slot('maintenance', 'arden', 'Version 2.10'),
      slot('maintenance', 'version', '1'),
      slot('maintenance', 'institution', 'Maplewood'),
      slot('maintenance', 'author'),
      slot('maintenance', 'specialist'),
      slot('maintenance', 'date', '2025-01-15'),
      slot('maintenance', 'validation', 'research'),
      slot('library', 'purpose', 'To be parsed;'),
      slot('library', 'explanation'),
      slot('library', 'keywords', 'one; two'),
      slot('knowledge', 'type', 'data_driven'),
      ...['data', 'priority', 'evoke', 'logic', 'action', 'urgency'].map((of) => slot('knowledge', of)),
      slot('resources', 'default', 'en'),
      slot('resources', 'language', ''),
    ],
    citations: [],
    links: [],
    keywords: ['one', 'two'],
    data: [...assigns, ...data],
    evoke,
    logic,
    action,
    priority,
    urgency,
    defaultLanguage: 'en',
    languages: [{ language: 'en', texts }],
    span,
  }));

/** A tree without what printing and parsing may change: spans, and the texts of slots. */
export function withoutPlaces(tree: unknown): unknown {
  if (Array.isArray(tree)) return tree.map(withoutPlaces);
  if (typeof tree !== 'object' || tree === null) return tree;
  const isSlot = 'category' in tree;
  return Object.fromEntries(
    Object.entries(tree)
      .filter(([key]) => key !== 'span' && !(isSlot && key === 'text'))
      .map(([key, value]) => [key, withoutPlaces(value)]),
  );
}
