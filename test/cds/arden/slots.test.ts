import { codes, mlmText, parseSlots, parseSound, parseText, type SlotTexts } from './mlm-text.js';

const strict = (slots: SlotTexts): string[] => codes(parseSlots(slots).diagnostics);
const lenient = (slots: SlotTexts): string[] => codes(parseSlots(slots, 'lenient').diagnostics);
const version = (arden: string): SlotTexts => ({ arden, default: null, language: null });

describe('MLM file format', () => {
  it('nothing is wrong with an MLM of all slots', () => {
    expect(strict({})).toEqual([]);
  });

  it('a file may hold several MLMs', () => {
    const { mlms, diagnostics } = parseText(
      `${mlmText({ mlmname: 'one' })}\n/* and */ ${mlmText({ mlmname: 'two' })}`,
    );
    expect(mlms.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(diagnostics).toEqual([]);
  });

  it('slot and MLM names are case-insensitive', () => {
    const { mlms, diagnostics } = parseText(
      mlmText({ mlmname: 'MiXed' }).replace('  data:', '  DATA:').replace('library', 'LIBRARY'),
    );
    expect(mlms[0]?.name).toBe('mixed');
    expect(diagnostics).toEqual([]);
  });

  it('slots stand with their text, trimmed, and its place', () => {
    const text = mlmText({ purpose: '\n  Two\n lines  \n' });
    const slot = parseText(text).mlms[0]?.slots.find(({ name }) => name === 'purpose');
    expect(slot).toMatchObject({ category: 'library', text: 'Two\n lines' });
    expect(text.slice(slot!.span.start, slot!.span.end)).toBe('Two\n lines');
  });

  it('slot order is fixed', () => {
    const text = mlmText({ author: 'A', version: '1' });
    const swapped = text
      .replace('  version: 1 ;;\n', '')
      .replace('  author: A ;;\n', '  author: A ;;\n  version: 1 ;;\n');
    expect(codes(parseText(swapped).diagnostics)).toEqual(['SLOT error']);
    expect(codes(parseText(swapped, 'lenient').diagnostics)).toEqual(['SLOT warning']);
  });

  it('a slot belongs to its category', () => {
    const moved = mlmText().replace('library:\n', '').replace('  keywords', 'library:\n  keywords');
    expect(codes(parseText(moved).diagnostics)).toEqual(['SLOT error', 'SLOT error']);
  });

  it('a slot stands once, and the first counts', () => {
    const { mlms, diagnostics } = parseText(
      mlmText().replace('  evoke:', '  priority: 7 ;;\n  priority: 9 ;;\n  evoke:'),
    );
    expect(codes(diagnostics)).toEqual(['SLOT error']);
    expect(mlms[0]?.priority).toBe(7);
  });

  it.each([
    'title',
    'arden',
    'version',
    'institution',
    'author',
    'specialist',
    'date',
    'validation',
    'purpose',
    'explanation',
    'keywords',
    'type',
    'data',
    'evoke',
    'logic',
    'action',
  ])('%s is required', (slot) => {
    expect(strict({ [slot]: null })).toContain('SLOT error');
    expect(lenient({ [slot]: null })).toContain('SLOT warning');
  });

  it('an MLM without a name is an error in either mode', () => {
    expect(strict({ mlmname: null })).toEqual(['SLOT error']);
    expect(lenient({ mlmname: null })).toEqual(['SLOT error']);
    expect(lenient({ mlmname: '' })).toEqual(['SLOT error']);
  });

  it.each(['citations', 'links', 'priority', 'urgency'])('%s is optional', (slot) => {
    expect(strict({ [slot]: null })).toEqual([]);
  });

  describe('maintenance', () => {
    it('title: may exceed 80 characters', () => {
      expect(strict({ title: 'long '.repeat(40) })).toEqual([]);
    });

    it.each(['a', 'a_b-c.d9'])('mlmname: %s', (mlmname) => {
      expect(strict({ mlmname })).toEqual([]);
    });
    it.each(['9a', 'a b', 'a/b', 'a'.repeat(81)])('mlmname: not %s', (mlmname) => {
      expect(strict({ mlmname })).toEqual(['SLOT error']);
    });
    it('mlmname: has a full stop since 2.1', () => {
      expect(strict({ ...version('Version 2.0'), mlmname: 'a.b' })).toEqual(['SLOT error']);
      expect(strict({ ...version('Version 2.1'), mlmname: 'a.b' })).toEqual([]);
    });

    it.each(['Version 2', 'version 2.1', 'Version 2.5', 'VERSION 2.8'])('arden: %s', (arden) => {
      expect(strict(version(arden))).toEqual([]);
    });
    it('arden: the word is obligatory', () => {
      const { mlms, diagnostics } = parseSlots(version('2.5'), 'lenient');
      expect(codes(diagnostics)).toEqual(['SLOT warning']);
      expect(mlms[0]?.arden).toEqual([2, 5]);
      expect(strict(version('2.5'))).toEqual(['SLOT error']);
    });
    it('arden: a version that nobody knows is read as the last', () => {
      const { mlms, diagnostics } = parseSlots({ arden: 'Version 3.1' }, 'lenient');
      expect(codes(diagnostics)).toEqual(['SLOT warning']);
      expect(mlms[0]?.arden).toEqual([2, 10]);
    });

    it.each(['version', 'institution'])('%s: has at most 80 characters', (slot) => {
      expect(strict({ [slot]: 'x'.repeat(80) })).toEqual([]);
      expect(strict({ [slot]: 'x'.repeat(81) })).toEqual(['SLOT error']);
    });

    it.each(['author', 'specialist'])('%s: may be empty', (slot) => {
      expect(strict({ [slot]: '' })).toEqual([]);
    });

    it.each(['2025-01-15', '2025-01-15T10:30:00', '2025-01-15T10:30:00Z', '2025-01-15T10:30:00+01:00'])(
      'date: %s',
      (date) => {
        expect(strict({ date })).toEqual([]);
      },
    );
    it.each(['', '15/01/2025', '2025-02-30', '2025-01-15 10:30:00', '2025'])('date: not %j', (date) => {
      expect(strict({ date })).toEqual(['SLOT error']);
    });

    it.each(['production', 'research', 'testing', 'expired', 'Production'])(
      'validation: %s',
      (validation) => {
        expect(parseSound({ validation }).validation).toBe(validation.toLowerCase());
      },
    );
    it('validation: no other', () => {
      const { mlms, diagnostics } = parseSlots({ validation: 'finished' }, 'lenient');
      expect(mlms[0]?.validation).toBe('testing');
      expect(codes(diagnostics)).toEqual(['SLOT warning']);
    });
  });

  describe('library', () => {
    it('keywords: are separated by ;', () => {
      expect(parseSound({ keywords: 'one; two words ;three' }).keywords).toEqual([
        'one',
        'two words',
        'three',
      ]);
    });
    it('citations: are numbered, and SUPPORT or REFUTE since version 2', () => {
      expect(
        parseSound({ citations: '1. SUPPORT A, B. Title; 2020.\n 2. refute C\n goes on\n 3. D' }).citations,
      ).toEqual([
        { number: 1, kind: 'support', text: 'A, B. Title; 2020.' },
        { number: 2, kind: 'refute', text: 'C goes on' },
        { number: 3, text: 'D' },
      ]);
      expect(strict({ citations: 'Somebody' })).toEqual(['SLOT error']);
    });
    it('links: "name", \'address\' from version 2.6', () => {
      expect(
        parseSound({ links: `URL_LINK "a; b", 'https://example.org'; MESH_LINK "c", 'd'; OTHER_LINK 'e'` })
          .links,
      ).toEqual([
        { kind: 'url_link', name: 'a; b', address: 'https://example.org' },
        { kind: 'mesh_link', name: 'c', address: 'd' },
        { kind: 'other_link', address: 'e' },
      ]);
      expect(strict({ links: `URL_LINK 'a', "b"` })).toEqual(['SLOT error']);
      expect(strict({ links: 'https://example.org' })).toEqual(['SLOT error']);
      expect(strict({ links: `LINK "a", 'b'` })).toEqual(['SLOT error']);
    });
    it('links: without their comma are understood', () => {
      const { mlms, diagnostics } = parseSlots({ links: `URL_LINK "a" 'b'` }, 'lenient');
      expect(codes(diagnostics)).toEqual(['SLOT warning']);
      expect(mlms[0]?.links).toEqual([{ kind: 'url_link', name: 'a', address: 'b' }]);
    });
    it(`links: 'name', "address" before version 2.6`, () => {
      expect(strict({ ...version('Version 2.5'), links: `URL_LINK 'a', "b"` })).toEqual([]);
      expect(strict({ ...version('Version 2.5'), links: `URL_LINK "a", 'b'` })).toEqual(['SLOT error']);
    });
  });

  describe('knowledge', () => {
    it('type: data_driven, data-driven in version 1', () => {
      expect(strict({ type: 'data_driven' })).toEqual([]);
      expect(strict({ type: 'something' })).toEqual(['SLOT error']);
      const first = mlmText({
        mlmname: null,
        arden: null,
        default: null,
        language: null,
        type: 'data-driven',
      }).replace('  version', '  filename: f;;\n  version');
      expect(codes(parseText(first).diagnostics).filter((code) => code.startsWith('L08'))).toEqual([]);
    });
    it.each(['data', 'evoke', 'logic', 'action'])('%s: may be empty', (slot) => {
      expect(strict({ [slot]: '' })).toEqual([]);
    });
    it('priority and urgency: are 50 where they are absent', () => {
      expect(parseSound({})).toMatchObject({ priority: 50, urgency: { constant: { value: 50 } } });
      expect(parseSound({ priority: '7', urgency: '8' })).toMatchObject({
        priority: 7,
        urgency: { constant: { value: 8 } },
      });
    });
    it('urgency: is also an identifier', () => {
      expect(parseSound({ urgency: 'How_Much', logic: 'how_much := 5;' }).urgency).toMatchObject({
        kind: 'name',
        name: 'how_much',
      });
      expect(strict({ urgency: 'nothing' })).toEqual(['NAME error']);
      expect(strict({ urgency: '100' })).toEqual(['SLOT error']);
      expect(strict({ urgency: '1 + 2' })).toEqual(['SLOT error']);
    });
    it('priority: is a number', () => {
      expect(strict({ priority: 'high' })).toEqual(['SLOT error']);
    });
  });

  describe('resources', () => {
    it('are required from version 2.9, optional from 2.6, absent before', () => {
      expect(strict({ default: null, language: null })).toEqual(['SLOT error', 'SLOT error']);
      expect(strict({ arden: 'Version 2.9', default: null, language: null })).toEqual([
        'SLOT error',
        'SLOT error',
      ]);
      for (const minor of [6, 7, 8]) {
        expect(strict({ arden: `Version 2.${minor}`, default: null, language: null })).toEqual([]);
        expect(strict({ arden: `Version 2.${minor}` })).toEqual([]);
      }
      expect(strict({ arden: 'Version 2.5' })).toEqual(['SLOT error', 'SLOT error']);
    });
    it('language: \'key\': "text"; one or more', () => {
      const text = mlmText({ language: `en 'a': "One; two"; 'b': "He said ""no"";;"` }).replace(
        'end:',
        `  language: de 'a': "Eins";;\nend:`,
      );
      const { mlms, diagnostics } = parseText(text);
      expect(diagnostics).toEqual([]);
      expect(mlms[0]).toMatchObject({
        defaultLanguage: 'en',
        languages: [
          { language: 'en', texts: { a: 'One; two', b: 'He said "no";;' } },
          { language: 'de', texts: { a: 'Eins' } },
        ],
      });
    });
    it('language: what is no text is reported, and the rest read', () => {
      const { mlms, diagnostics } = parseSlots({ language: `en 'a' "One"; 'b': "Two"` });
      expect(codes(diagnostics)).toEqual(['SLOT error']);
      expect(mlms[0]?.languages[0]?.texts).toEqual({ b: 'Two' });
    });
    it('a key has no meaning for the program', () => {
      const texts = parseSound({ language: `en '__proto__': "One"` }).languages[0]?.texts;
      expect(Object.keys(texts!)).toEqual(['__proto__']);
    });
  });

  describe('a file that is broken still yields what is whole', () => {
    it('a slot without ;;', () => {
      const { mlms, diagnostics } = parseText(
        mlmText({ logic: 'x := 1;', data: 'y := 2;' }).replace('y := 2; ;;', 'y := 2;'),
        'lenient',
      );
      expect(mlms[0]).toMatchObject({
        data: [{ target: { name: 'y' } }],
        logic: [{ target: { name: 'x' } }],
      });
      expect(codes(diagnostics)).toEqual(['SLOT warning']);
    });
    it('a text slot without ;;', () => {
      const { mlms, diagnostics } = parseText(
        mlmText().replace('To be tested ;;', 'To be tested;'),
        'lenient',
      );
      expect(mlms[0]?.slots.map(({ name }) => name)).toContain('explanation');
      expect(codes(diagnostics)).toEqual(['SLOT warning']);
    });
    it('text between the slots', () => {
      const { mlms, diagnostics } = parseText(mlmText().replace('  author', '  what is this\n  author'));
      expect(mlms[0]?.slots).toHaveLength(parseSound({}).slots.length);
      expect(codes(diagnostics)).toEqual(['FILE error']);
    });
    it('text before and behind the MLMs', () => {
      const { mlms, diagnostics } = parseText(`%PDF\n${mlmText()}\nrest`);
      expect(mlms).toHaveLength(1);
      expect(codes(diagnostics)).toEqual(['FILE error', 'FILE error']);
    });
    it('no end:', () => {
      const { mlms, diagnostics } = parseText(`${mlmText().replace('end:', '')}${mlmText()}`, 'lenient');
      expect(mlms).toHaveLength(2);
      expect(codes(diagnostics)).toEqual(['FILE warning']);
    });
    it('an empty file', () => {
      expect(codes(parseText('').diagnostics)).toEqual(['FILE error']);
      expect(codes(parseText('   \n').diagnostics)).toEqual(['FILE error']);
    });
  });
});
