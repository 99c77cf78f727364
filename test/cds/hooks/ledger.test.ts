import { timeOfInstant } from '../../../src/cds/arden/run/time.js';
import type { Time } from '../../../src/cds/arden/value.js';
import { type Candidate, dueCards } from '../../../src/cds/hooks/due.js';
import { type CardEvent, feedbackIn, type KnownCards } from '../../../src/cds/hooks/ledger.js';
import { resultKey } from '../../../src/cds/hooks/result-key.js';
import { servicesOn } from '../../../src/cds/hooks/services.js';
import { fileStateStore } from '../../../src/state/file.js';
import { temporaryFolder } from '../../support/landing.js';
import { day, everything, now, shippedRules } from './builders.js';

const folder = temporaryFolder();
let made = 0;
const newFeedback = () => {
  made += 1;
  return feedbackIn(fileStateStore(`${folder}/${made}`), (instant) => instant.slice(0, 10));
};
const result = 'a'.repeat(32);
const uuid = 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea';
const shown: CardEvent = {
  resultKey: result,
  cardUuid: uuid,
  rule: 'readmit_30d',
  outcome: 'shown',
  urgency: 70,
  reasonCode: null,
  comment: null,
  at: now,
  by: 'tenant/user',
  client: 'ehr',
};

describe('the events of cards', () => {
  it('find a card by its id, or by its result where the id is that of an earlier key', async () => {
    const feedback = newFeedback();
    await feedback.keep(shown, now);
    const known = await feedback.known();
    const owner = { client: 'ehr', by: null };
    expect(known.shown(owner, uuid, [])).toEqual(shown);
    expect(known.shown(owner, 'another', [result])).toEqual(shown);
    expect(known.shown(owner, 'another', ['b'.repeat(32)])).toBeUndefined();
  });

  it('find it for the client, and where a user is known for that user alone', async () => {
    const feedback = newFeedback();
    await feedback.keep(shown, now);
    const known = await feedback.known();
    expect(known.shown({ client: 'other', by: null }, uuid, [result])).toBeUndefined();
    expect(known.shown({ client: 'ehr', by: 'tenant/another' }, uuid, [result])).toBeUndefined();
    expect(known.shown({ client: 'ehr', by: 'tenant/user' }, uuid, [])).toBeDefined();
  });

  it('tell what was done about a result at last, by whatever way', async () => {
    const feedback = newFeedback();
    await feedback.keep(shown, now);
    expect((await feedback.known()).last(result)).toBeUndefined();
    await feedback.keep({ ...shown, outcome: 'actioned' }, now);
    await feedback.keep({ ...shown, outcome: 'overridden' }, '2026-11-27T00:00:00.000Z');
    expect((await feedback.known()).last(result)).toEqual({
      outcome: 'overridden',
      at: Date.parse('2026-11-27T00:00:00.000Z'),
      urgency: 70,
      until: null,
    });
  });

  it('count a card that is shown twice on a day once', async () => {
    const feedback = newFeedback();
    await feedback.keep(shown, now);
    await feedback.keep(shown, now);
    const known = await feedback.known();
    expect([...known.shownOn('tenant/user', day)]).toEqual([result]);
    expect(known.shownOn('tenant/user', '2026-11-27').size).toBe(0);
    expect(known.shownOn('tenant/other', day).size).toBe(0);
  });

  it('are read on by one who has read before', async () => {
    const store = fileStateStore(`${folder}/shared`);
    const [one, other] = [feedbackIn(store, () => day), feedbackIn(store, () => day)];
    await one.known();
    await other.keep(shown, now);
    expect((await one.known()).shown({ client: 'ehr', by: null }, uuid, [])).toEqual(shown);
  });
});

describe('which cards are shown', () => {
  let candidates: readonly Candidate[];
  beforeAll(async () => {
    const [view] = servicesOn(day, await shippedRules(), everything);
    candidates = (view?.rules ?? [])
      .filter(({ gem }) => gem.delivery.group === undefined)
      .map((rule, at) => ({
        rule,
        message: 'a',
        urgency: 60,
        values: [],
        outcome: {} as never,
        resultKey: String(at).padStart(32, '0'),
      }));
    expect(candidates.length).toBeGreaterThan(3);
  });
  const nothingKnown: KnownCards = {
    shown: () => undefined,
    last: () => undefined,
    shownOn: () => new Set(),
    has: () => false,
    demoted: () => new Map(),
  };
  const at = timeOfInstant(Date.parse(now));
  const days = (count: number): Time => timeOfInstant(at.instant + count * 86_400_000);
  const answered = (key: string, urgency: number, until: number | null = null): KnownCards => ({
    ...nothingKnown,
    last: (one) =>
      one === key
        ? { outcome: until === null ? 'overridden' : 'suppressed', at: at.instant, urgency, until }
        : undefined,
  });
  const keys = (known: KnownCards, when: Time, seen: readonly string[] = [], perDay = 20) =>
    dueCards(candidates, known, new Set(seen), perDay, when).shown.map((one) => one.resultKey);

  it('are not those that somebody has answered, until the rule has rested', () => {
    const [first] = candidates as [Candidate];
    const { suppress_days } = first.rule.gem.delivery;
    const key = String(first.resultKey);
    expect(keys(nothingKnown, at)).toContain(key);
    expect(keys(answered(key, 60), days(suppress_days - 0.01))).not.toContain(key);
    expect(keys(answered(key, 60), days(suppress_days))).toContain(key);
    // Data from before the answer tell nothing new.
    expect(keys(answered(key, 60), days(-100))).not.toContain(key);
  });

  it('are not those that were put off, until then', () => {
    const key = String(candidates[0]?.resultKey);
    const until = days(100).instant;
    expect(keys(answered(key, 60, until), days(99.9))).not.toContain(key);
    expect(keys(answered(key, 60, until), days(100))).toContain(key);
  });

  it('are those that have become more urgent, all the same', () => {
    const [first] = candidates as [Candidate];
    const key = String(first.resultKey);
    expect(keys(answered(key, 59), at)).toContain(key);
    expect(keys(answered(key, 60), at)).not.toContain(key);
  });

  it('are no more than so many a day; one that was seen today costs nothing', () => {
    const all = candidates.map((one) => String(one.resultKey));
    const due = dueCards(candidates, nothingKnown, new Set(), 2, at);
    expect([due.shown.length, due.heldBack]).toEqual([2, candidates.length - 2]);
    expect(keys(nothingKnown, at, [String(all[0]), 'x'], 2)).toEqual([all[0]]);
    expect(keys(nothingKnown, at, ['x', 'y'], 2)).toEqual([]);
  });

  it('are not another of the group because the most urgent one was answered', () => {
    const [first, second] = candidates as [Candidate, Candidate];
    const grouped = [first, second].map((one, place) => ({
      ...one,
      urgency: 90 - place,
      rule: {
        ...one.rule,
        gem: { ...one.rule.gem, delivery: { ...one.rule.gem.delivery, group: 'g', suppress_days: 7 } },
      },
    }));
    const due = dueCards(grouped, answered(String(first.resultKey), 90), new Set(), 20, at);
    expect(due).toEqual({ shown: [], heldBack: 0 });
  });
});

describe('the key of a result', () => {
  const patient = Buffer.alloc(16, 1);
  const rule = (delivery: object) => ({ name: 'a_rule', gem: { delivery: delivery as never } });
  const time = timeOfInstant(Date.parse('2026-08-15T22:30:00Z'));
  const evidence = (key: string) => ({
    evidence: [{ targets: ['Admitted'], braces: '', span: { start: 0, end: 0 }, keys: [key] }],
  });

  it('is that of the rule, the patient and the row', () => {
    const row = 'ab'.repeat(16);
    const of = (key: string, sk = patient) =>
      resultKey(rule({ subject: 'admitted' }), sk, evidence(key), time);
    expect(of(row)?.toString('hex')).toMatch(/^[0-9a-f]{32}$/);
    expect(of(row)).toEqual(of(row));
    expect(of(row)).not.toEqual(of('ac'.repeat(16)));
    expect(of(row)).not.toEqual(of(row, Buffer.alloc(16, 2)));
    expect(of('no key')).toBeNull();
    expect(resultKey(rule({ subject: 'other' }), patient, evidence(row), time)).toBeNull();
  });

  it('is that of the bucket of time where there is no row', () => {
    const of = (window: string, when: string) =>
      resultKey(rule({ window }), patient, { evidence: [] }, timeOfInstant(Date.parse(when)))?.toString(
        'hex',
      );
    expect(of('quarter', '2026-08-15T00:00:00Z')).toBe(of('quarter', '2026-09-30T22:59:59Z'));
    // Midnight in London comes an hour earlier in summer.
    expect(of('quarter', '2026-08-15T00:00:00Z')).not.toBe(of('quarter', '2026-09-30T23:00:00Z'));
    expect(of('day', '2026-08-15T22:59:59Z')).not.toBe(of('day', '2026-08-15T23:00:00Z'));
    expect(of('ever', '2026-08-15T00:00:00Z')).toBe(of('ever', '2030-08-15T00:00:00Z'));
  });
});

describe('a rule whose cards are overridden', () => {
  const answered = async (overridden: number, others: number, before = 0) => {
    const feedback = newFeedback();
    for (let at = 0; at < before + overridden + others; at += 1) {
      const card = { ...shown, resultKey: at.toString(16).padStart(32, '0'), cardUuid: `card-${at}` };
      await feedback.keep(card, now);
      const follows = at < before || at >= before + overridden;
      await feedback.keep({ ...card, outcome: follows ? 'actioned' : 'overridden' }, now);
    }
    return [...(await feedback.known()).demoted()];
  };

  it('is demoted from 50 outcomes on, where it is more than 90 % of them', async () => {
    expect(await answered(49, 0)).toEqual([]);
    expect(await answered(45, 5)).toEqual([]);
    expect(await answered(46, 4)).toEqual([['readmit_30d', { outcomes: 50, overridden: 46 }]]);
  });

  it('is so by its newest 200 outcomes, so that it can recover and be lost again', async () => {
    expect(await answered(195, 5, 60)).toEqual([['readmit_30d', { outcomes: 200, overridden: 195 }]]);
    expect(await answered(60, 150)).toEqual([]);
  });

  it('counts the last answer of a card, and none of what was never shown as a card', async () => {
    const feedback = newFeedback();
    for (let at = 0; at < 60; at += 1) {
      const card = { ...shown, resultKey: at.toString(16).padStart(32, '0'), cardUuid: `card-${at}` };
      if (at < 50) await feedback.keep(card, now);
      await feedback.keep({ ...card, outcome: 'overridden' }, now);
    }
    await feedback.keep(
      { ...shown, resultKey: '0'.repeat(32), cardUuid: 'card-0', outcome: 'actioned' },
      now,
    );
    expect([...(await feedback.known()).demoted().values()]).toEqual([{ outcomes: 50, overridden: 49 }]);
  });
});
