import { brokenInResponse } from './invariants.js';

/** What the specification asks of an answer: which members there must be and may be, and what they hold. */
const required = ['summary', 'indicator', 'source'];
const members = [
  ...required,
  'uuid',
  'detail',
  'suggestions',
  'selectionBehavior',
  'overrideReasons',
  'links',
  'extension',
];
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

interface Sent {
  readonly cards?: readonly Record<string, unknown>[];
  readonly [name: string]: unknown;
}

/** What is wrong with an answer, a line each. */
export function faultsOf(body: Sent): readonly string[] {
  const { cards, ...rest } = body;
  if (!Array.isArray(cards)) return ['there are no cards'];
  return [
    ...Object.keys(rest)
      .filter((name) => !['systemActions', 'extension'].includes(name))
      .map((name) => `${name} is no member`),
    ...cards.flatMap(faultsOfCard),
    ...brokenInResponse(body),
  ];
}

function faultsOfCard(card: Record<string, unknown>): readonly string[] {
  const { summary, indicator, source, detail, suggestions, selectionBehavior } = card;
  const { label, url, icon, topic, ...more } = (source ?? {}) as Record<string, unknown>;
  const { links = [], overrideReasons = [] } = card as Record<string, Record<string, unknown>[]>;
  return [
    ...required.filter((name) => !Object.hasOwn(card, name)).map((name) => `${name} is missing`),
    ...Object.keys(card)
      .filter((name) => !members.includes(name))
      .map((name) => `${name} is no member`),
    ...(uuid.test(String(card['uuid'])) ? [] : ['uuid is none']),
    ...(isText(summary) && String(summary).length < 140 ? [] : ['summary is too long']),
    ...(detail === undefined || isText(detail) ? [] : ['detail is no text']),
    ...(['info', 'warning', 'critical'].includes(String(indicator)) ? [] : ['indicator is none']),
    ...(isText(label) ? [] : ['source has no label']),
    ...(url === undefined || String(url).startsWith('https://') ? [] : ['source has no url']),
    ...(icon === undefined && topic === undefined && Object.keys(more).length === 0
      ? []
      : ['source has more']),
    ...(suggestions === undefined || ['at-most-one', 'any'].includes(String(selectionBehavior))
      ? []
      : ['selectionBehavior is none']),
    ...links.flatMap((link) => [
      ...(isText(link['label']) && isText(link['url']) ? [] : ['a link lacks label or url']),
      ...(['absolute', 'smart'].includes(String(link['type'])) ? [] : ['a link has no type']),
    ]),
    ...overrideReasons.flatMap((reason) =>
      isText(reason['code']) && isText(reason['display']) ? [] : ['a reason lacks code or display'],
    ),
  ];
}
