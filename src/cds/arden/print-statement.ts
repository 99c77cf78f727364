import { level } from './level.js';
import { printExpression, printString } from './print-expression.js';
import type { ReadAggregate, Statement, Target, Trigger } from './syntax.js';

/** Statements one below the other, each line with its indent. */
export const printStatements = (statements: readonly Statement[], indent: string): string =>
  statements.map((statement) => `${indent}${printStatement(statement, indent)};\n`).join('');

const expression = printExpression;

function printStatement(statement: Statement, indent: string): string {
  switch (statement.kind) {
    case 'assign':
      return `${statement.time ? 'TIME OF ' : ''}${target(statement.target)} := ${expression(statement.value)}`;
    case 'assign each':
      return `${tuple(statement.targets)} := ${expression(statement.value)}`;
    case 'read':
      return printRead(statement);
    case 'declare':
      return `${target(statement.target)} := ${statement.what.toUpperCase()}${typed(statement.as)} {${statement.braces.text}}`;
    case 'mlm':
      return printMlmName(statement);
    case 'argument':
      return `${becomes(statement.targets)}ARGUMENT`;
    case 'object':
      return `${target(statement.target)} := OBJECT [${statement.attributes.join(', ')}]`;
    case 'include':
      return `INCLUDE ${statement.name}`;
    case 'if':
    case 'switch':
    case 'for':
    case 'while':
      return printBlock(statement, indent);
    case 'breakloop':
      return 'BREAKLOOP';
    case 'call':
      return printCall(statement);
    case 'conclude':
      return `CONCLUDE ${expression(statement.value)}`;
    case 'write':
      return `WRITE ${expression(statement.value)}${
        statement.at === undefined ? '' : ` AT ${expression(statement.at, level.text)}`
      }`;
    case 'return':
      return `RETURN ${listed(statement.values)}`;
  }
}

type Kind<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

const listed = (values: readonly Parameters<typeof printExpression>[0][]): string =>
  values.map((value) => expression(value, level.sort)).join(', ');

const typed = (type: string | undefined): string => (type === undefined ? '' : ` AS ${type}`);

function target({ name, path }: Target): string {
  const parts = path.map((part) =>
    part.kind === 'attribute' ? `.${part.attribute}` : `[${expression(part.index)}]`,
  );
  return `${name}${parts.join('')}`;
}

const tuple = (targets: readonly Target[]): string => `(${targets.map(target).join(', ')})`;

/** `x := `, `(a, b) := `, or nothing where nothing is assigned to. */
function becomes(targets: readonly Target[]): string {
  const [first] = targets;
  if (first === undefined) return '';
  return `${targets.length === 1 ? target(first) : tuple(targets)} := `;
}

function printRead({ targets, aggregate, as, braces, where }: Kind<'read'>): string {
  const condition = where === undefined ? '' : ` WHERE ${expression(where, level.seqto)}`;
  return `${becomes(targets)}READ${typed(as)}${printAggregate(aggregate)} {${braces.text}}${condition}`;
}

function printAggregate(aggregate: ReadAggregate | undefined): string {
  if (aggregate === undefined) return '';
  const { operator, count } = aggregate;
  const word = operator.replace(/ from$/, '').toUpperCase();
  return count === undefined ? ` ${word}` : ` ${word} ${expression(count, level.as)} FROM`;
}

function printMlmName({ target: to, name, institution }: Kind<'mlm'>): string {
  const from = institution === undefined ? '' : ` FROM INSTITUTION ${printString(institution)}`;
  return `${target(to)} := MLM ${name === null ? 'MLM_SELF' : `'${name}'`}${from}`;
}

function printCall({ targets, callee, arguments: given, delay }: Kind<'call'>): string {
  const values = given.length === 0 ? '' : ` WITH ${listed(given)}`;
  return `${becomes(targets)}CALL ${callee}${values}${delay === undefined ? '' : ` DELAY ${expression(delay)}`}`;
}

function printBlock(statement: Kind<'if' | 'switch' | 'for' | 'while'>, indent: string): string {
  const inner = `${indent}  `;
  const body = (statements: readonly Statement[]): string =>
    `\n${printStatements(statements, inner)}${indent}`;
  switch (statement.kind) {
    case 'for':
      return `FOR ${statement.variable} IN ${expression(statement.list)} DO${body(statement.body)}ENDDO`;
    case 'while':
      return `WHILE ${expression(statement.condition)} DO${body(statement.body)}ENDDO`;
    case 'if': {
      const branches = statement.branches.map(
        (branch) => `IF ${expression(branch.condition)} THEN${body(branch.body)}`,
      );
      const otherwise = statement.otherwise.length === 0 ? '' : `ELSE${body(statement.otherwise)}`;
      return `${branches.join('ELSE')}${otherwise}ENDIF`;
    }
    case 'switch': {
      const cases = statement.cases.map(
        ({ value, body: then }) =>
          `${indent}CASE ${expression(value, level.text)}\n${printStatements(then, inner)}`,
      );
      const otherwise =
        statement.otherwise.length === 0
          ? ''
          : `${indent}DEFAULT\n${printStatements(statement.otherwise, inner)}`;
      return `SWITCH ${expression(statement.value, level.text)}\n${cases.join('')}${otherwise}${indent}ENDSWITCH`;
    }
  }
}

/** The statements of the evoke slot. */
export const printTriggers = (triggers: readonly Trigger[], indent: string): string =>
  triggers.map((trigger) => `${indent}${printTrigger(trigger)};\n`).join('');

function printTrigger(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'events':
      return trigger.names.join(' OR ');
    case 'at':
      return expression(trigger.time);
    case 'every': {
      const { every, lasting, starting, until } = trigger;
      const text = (part: typeof every): string => expression(part, level.text);
      const end = until === undefined ? '' : ` UNTIL ${expression(until, level.seqto)}`;
      return `EVERY ${text(every)} FOR ${text(lasting)} STARTING ${text(starting)}${end}`;
    }
  }
}
