import fc from 'fast-check';
import { timeOfInstant } from '../../../src/cds/arden/run/time.js';
import { cardOf, inOrder } from '../../../src/cds/hooks/cards.js';
import type { Fired } from '../../../src/cds/hooks/evaluate.js';
import { asMarkdown } from '../../../src/cds/hooks/markdown.js';
import type { Reason } from '../../../src/cds/hooks/reasons.js';
import { readReasons } from '../../../src/cds/hooks/reasons.js';
import { servicesOn } from '../../../src/cds/hooks/services.js';
import { longestSummary, summaryOf } from '../../../src/cds/hooks/summary.js';
import { indicatorOf } from '../../../src/cds/results/urgency.js';
import { root } from '../../support/landing.js';
import { day, everything, now, shippedRules } from './builders.js';
import { brokenInResponse, responseInvariants } from './invariants.js';
import { faultsOf } from './response.js';

describe('summary', () => {
  it('is the message where that is short', () => {
    expect(summaryOf('In hospital for 23 days.', [])).toBe('In hospital for 23 days.');
  });

  it('has fewer than 140 characters and ends with a whole word', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z0-9.,]{1,20}$/), { minLength: 1, maxLength: 60 }),
        (words) => {
          const message = words.join(' ');
          const summary = summaryOf(message, []);
          expect(summary.length).toBeLessThan(140);
          if (summary !== message) {
            const kept = summary.slice(0, -1);
            expect(message.startsWith(kept)).toBe(true);
            expect(message.slice(kept.length)).toMatch(/^[\s,;:(]/);
          }
        },
      ),
    );
  });

  it('is never cut inside a value', () => {
    const value = 'Leicester Teaching Hospitals';
    fc.assert(
      fc.property(fc.integer({ min: 90, max: 150 }), (before) => {
        const message = `${'word '.repeat(40).slice(0, before)} ${value} and more of it follows here until the end of the line.`;
        const summary = summaryOf(message, [value]);
        expect(summary.length).toBeLessThanOrEqual(longestSummary);
        expect(summary.includes('Leicester')).toBe(summary.includes(value));
      }),
    );
  });

  it('keeps a number with its unit', () => {
    const message = `${'x'.repeat(134)} 12 days and more words that make the line too long`;
    expect(summaryOf(message, [])).toBe(`${'x'.repeat(134)}…`);
  });

  it('is one line', () => {
    expect(summaryOf('one\n two\t three', [])).toBe('one two three');
  });
});

describe('detail', () => {
  it.each([
    ['HTML', '<img src=x onerror=alert(1)>', '\\<img src=x onerror=alert(1)\\>'],
    ['a link', '[a](https://attacker.example)', '\\[a\\](https\\://attacker.example)'],
    ['emphasis', '**a** _b_ `c` ~~d~~', '\\*\\*a\\*\\* \\_b\\_ \\`c\\` \\~\\~d\\~\\~'],
    ['an address', 'www.attacker.example a@b.example', 'www\\.attacker.example a\\@b.example'],
    ['a heading', '# a', '\\# a'],
    ['a list', '- a', '\\- a'],
    ['a numbered list', '1. a', '1\\. a'],
    ['a table', 'a | b', 'a \\| b'],
    ['an entity', '&lt;', '\\&lt;'],
    ['lines', 'a\n\n# b\r- c', 'a \\# b - c'],
  ])('shows %s as it is', (_what, text, written) => {
    expect(asMarkdown(text)).toBe(written);
  });

  it('has no character of Markdown that is not escaped, whatever the value is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const written = asMarkdown(text).replace(/\\[\\`*_{}[\]<>|~&#@!.:+=)-]/g, '');
        expect(written).not.toMatch(/[\\`*_[\]<>|~&#@!\n\r]|:\/\/|^[-+=]/);
      }),
    );
  });
});

describe('indicator', () => {
  it.each([
    [99, 'critical'],
    [80, 'critical'],
    [79, 'warning'],
    [50, 'warning'],
    [49, 'info'],
    [1, 'info'],
  ])('of urgency %i is %s', (urgency, indicator) => {
    expect(indicatorOf(urgency)).toBe(indicator);
  });
});

describe('card', () => {
  let rules: readonly Fired[];
  let reasons: readonly Reason[];
  beforeAll(async () => {
    reasons = await readReasons(`${root}/reference/override_reason.csv`);
    const services = servicesOn(day, await shippedRules(), everything);
    rules = services.flatMap((service) =>
      service.rules.map((rule) => ({
        rule,
        message: 'A message.',
        urgency: 70,
        values: [],
        outcome: {} as never,
      })),
    );
  });
  const uuid = 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea';
  const asOf = timeOfInstant(Date.parse(now));

  it('of every rule has what a card must have, and breaks no invariant', () => {
    expect(rules.length).toBeGreaterThan(5);
    const body = { cards: rules.map((fired) => cardOf(fired, uuid, asOf, reasons)) };
    expect(faultsOf(body as never)).toEqual([]);
  });

  it('says that it is decision support for review, and whose', () => {
    for (const fired of rules) {
      const { detail, source } = cardOf(fired, uuid, asOf, reasons);
      expect(detail).toContain(
        'Decision support for review; not a medical device, not clinically validated.',
      );
      expect(source.label).toContain(fired.rule.gem.guideline.publisher);
    }
  });

  it('is looked at by invariants that can be broken, each one', () => {
    const card = { summary: 'a', indicator: 'info', source: { label: 'a' } };
    const suggestion = { label: 'a', actions: [{ type: 'delete', description: 'a', resourceId: 'A/1' }] };
    const broken: Record<string, object> = {
      'cds-resp-1': {
        selectionBehavior: 'at-most-one',
        suggestions: [
          { label: 'a', isRecommended: true },
          { label: 'b', isRecommended: true },
        ],
      },
      'cds-resp-2': {
        selectionBehavior: 'any',
        suggestions: [{ label: 'a', actions: [{ type: 'delete', description: 'a' }] }],
      },
      'cds-resp-3': { links: [{ label: 'a', url: 'https://a.example', type: 'absolute', appContext: 'x' }] },
      'cds-resp-4': { overrideReasons: [{ code: 'a' }] },
      'cds-resp-5': {
        selectionBehavior: 'any',
        suggestions: [{ label: 'a', actions: [{ type: 'delete', resourceId: 'A/1' }] }],
      },
      'cds-resp-6': { suggestions: [suggestion] },
      'cds-resp-7': {
        selectionBehavior: 'any',
        suggestions: [{ ...suggestion, actionSelectionBehavior: 'some' }],
      },
    };
    expect(Object.keys(broken)).toEqual(responseInvariants);
    for (const [name, more] of Object.entries(broken))
      expect(brokenInResponse({ cards: [{ ...card, ...more }] })).toEqual([name]);
  });

  it('comes before less urgent ones, and alone of its group', () => {
    const of = (name: string, urgency: number, group?: string): Fired => {
      const [{ rule, ...rest }] = rules as [Fired, ...Fired[]];
      const { group: _group, ...delivery } = rule.gem.delivery;
      return {
        ...rest,
        urgency,
        rule: {
          ...rule,
          name,
          gem: { ...rule.gem, delivery: { ...delivery, ...(group === undefined ? {} : { group }) } },
        },
      };
    };
    const ordered = inOrder([of('a', 50, 'g'), of('b', 90, 'g'), of('c', 70), of('d', 99)]);
    expect(ordered.map(({ rule }) => rule.name)).toEqual(['d', 'b', 'c']);
  });
});
