import type { PlantedError, PlantedErrors, Suite } from '../planted-error.js';

/** A guard that is taken out: its text, and what is left of it. */
type Guard = readonly [error: string, was: string, becomes: string];

const guards = (by: Suite, file: string, all: readonly Guard[]): PlantedError[] =>
  all.map(([error, was, becomes]) => ({ error, by, file, was, becomes }));

const tokens = (file: string, all: readonly Guard[]): PlantedError[] =>
  guards('tokens', `server/authentication/${file}`, all);

/** Guards of which each is taken out, to see the test that notices. */
export const guardErrors: PlantedErrors = {
  'tokens: text and header': tokens('token-text.ts', [
    ['of several headers the first counts', "if (values.length > 1) throw refuse('several-headers');", ''],
    [
      'a token has any length',
      "if (value.length > maxLength + 'Bearer '.length) throw refuse('too-long');",
      '',
    ],
    ['any scheme will do', '/^Bearer +(\\S+)$/i', '/^\\S+ +(\\S+)$/i'],
    [
      'a part may be spelt in several ways',
      "/^[A-Za-z0-9_-]+$/.test(part) && Buffer.from(part, 'base64url').toString('base64url') === part",
      'part.length > 0',
    ],
    ['a token has any number of parts', ' || parts.length !== 3 ||', ' ||'],
    [
      'the algorithm is the one that the token asks for',
      "const alg = algorithms.find((algorithm) => algorithm === header['alg']);",
      "const alg = header['alg'] as TokenAlgorithm | undefined;",
    ],
    [
      'a key id is any text',
      "if (typeof kid !== 'string' || !/^[A-Za-z0-9_-]{1,128}$/.test(kid)) throw refuse('kid');",
      "if (typeof kid !== 'string') throw refuse('kid');",
    ],
    [
      'a token is of any type',
      "if (Object.hasOwn(header, 'typ') && typ !== 'JWT' && typ !== 'at+jwt') throw refuse('type');",
      '',
    ],
    [
      'extensions are passed over',
      "if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) throw refuse('critical');",
      '',
    ],
  ]),
  'tokens: signature and memory': [
    ...tokens('verify.ts', [
      [
        'an unknown key is taken for none',
        "if (key === undefined) throw refuse('unknown-key');",
        'if (key === undefined) return jwt.decode(token) as never;',
      ],
      [
        'any kind of key serves any algorithm',
        "if (key.type !== 'public' || key.asymmetricKeyType !== kind) throw refuse('key-kind');",
        '',
      ],
      ['the signature is not looked at', 'claims = jwt.verify(token, key, {', 'claims = jwt.decode(token, {'],
    ]),
    ...tokens('verified-tokens.ts', [
      [
        'a token is remembered beyond its end',
        'Math.min(principal.expiresAt * 1000, now + longest)',
        'now + longest',
      ],
      [
        'a token is remembered for as long as it lives',
        'Math.min(principal.expiresAt * 1000, now + longest)',
        'principal.expiresAt * 1000',
      ],
      [
        'all tokens are remembered',
        'if (this.#entries.size <= this.capacity) return;',
        'if (this.capacity > 0) return;',
      ],
    ]),
  ],
  'tokens: claims': tokens('check-claims.ts', [
    ['a token lives for any time', 'expiresAt - issuedAt <= longest &&', ''],
    ['a token of tomorrow is taken', 'issuedAt <= now + clockTolerance &&', ''],
    ['a token may end before it begins', 'expiresAt > issuedAt &&', ''],
    [
      'the audience may be a list',
      "if (!isText(audience) || !rules.audiences.includes(audience)) throw refuse('audience');",
      '',
    ],
    [
      'the version does not say whose token it is',
      'issuers.filter((one) => one.version === version)',
      'issuers',
    ],
    ['a token of any tenant is taken', "if (tid !== rules.tenantId) throw refuse('tenant');", ''],
    [
      'a token for any client is taken',
      "if (rules.clients !== 'any' && !rules.clients.has(azp)) throw refuse('client');",
      '',
    ],
    [
      'an id is any text',
      'if (!isText(value) || !identifier.test(value)) throw refuse(reason);',
      'if (!isText(value)) throw refuse(reason);',
    ],
    ['a user need not have consented', "if (!scp.includes(wanted)) throw refuse('scope');", ''],
    [
      'an application may say that it is a user',
      "if (stated !== undefined && stated !== idtyp) throw refuse('scope');",
      '',
    ],
    [
      'groups elsewhere are passed over',
      "if (Object.hasOwn(claims, '_claim_names') || Object.hasOwn(claims, 'hasgroups')) throw refuse('groups');",
      '',
    ],
    ['groups may have any shape', "if (!isTextList(groups)) throw refuse('groups');", ''],
    [
      'the sign-in may have any shape',
      "if (!isTime || (amr !== undefined && !isTextList(amr))) throw refuse('authentication-context');",
      '',
    ],
  ]),
  'tokens: roles and trusts': [
    ...tokens('roles-and-trusts.ts', [
      [
        'a role may be a text',
        "if (!isTextList(named)) throw refuse('roles');",
        "if (typeof named !== 'string' && !isTextList(named)) throw refuse('roles');",
      ],
      [
        'an application holds every role',
        " && (idtyp === 'user' || roleDeclarations[role].allowsApplications)",
        '',
      ],
      [
        'an application holds rights',
        "rights: idtyp === 'user' ? rights.filter((right) => held.has(right)) : []",
        'rights: rights.filter((right) => held.has(right))',
      ],
      ['an empty list of trusts is all of them', ' && trusts.length > 0', ''],
      ['a token names any number of trusts', ' && trusts.length <= mostTrusts', ''],
      ['a trust is any text', ' && trusts.every(isTrustCode)', ''],
    ]),
    ...tokens('grant.ts', [
      [
        'any role can be active',
        "if (!principal.roles.includes(role)) throw new MaplewoodError('NO_ROLE');",
        '',
      ],
      [
        'a claim widens the map of trusts',
        'given.filter((code) => trusts.includes(code))',
        '[...given, ...trusts]',
      ],
      [
        'who is not in the map has the trusts of the claim',
        ' || (map.size > 0 && roleDeclarations[role].needsTrusts)',
        '',
      ],
      [
        'stewards share the pseudonyms of their client',
        "role === 'data-steward' ? `${recipient}#steward` : recipient",
        'recipient',
      ],
    ]),
    ...tokens('active-role.ts', [
      [
        'of two headers the first counts',
        "if (values.length > 1) throw new MaplewoodError('BAD_USER_INPUT', `Send the header ${name} once.`);",
        '',
      ],
      [
        'a role that is not held can be asked for',
        'if (isRole(name) && principal.roles.includes(name)) return name;',
        'if (isRole(name)) return name;',
      ],
    ]),
  ],
  'tokens: keys of the tenant': [
    ...tokens('key-set.ts', [
      [
        'small keys are taken',
        '(key.asymmetricKeyDetails?.modulusLength ?? 0) >= smallestModulus',
        "key.type === 'public'",
      ],
      ['keys of other issuers are taken', 'if (foreign || otherUse) continue;', 'if (otherUse) continue;'],
      ['keys for encryption are taken', 'if (foreign || otherUse) continue;', 'if (foreign) continue;'],
      ['of two keys of one id the last is taken', ' || keys.has(kid)) continue;', ') continue;'],
    ]),
    ...tokens('key-set-download.ts', [
      [
        'keys are read without encryption',
        "if (!url.startsWith('https://')) throw new Error('a key set is read over https only');",
        '',
      ],
      ['redirects are followed', "redirect: 'error'", "redirect: 'follow'"],
      ['it is waited for without end', '    signal: AbortSignal.timeout(patience),\n', ''],
    ]),
    ...guards('tokens', 'config/bounded-body.ts', [
      [
        'an answer has any size',
        "if (size > largest) throw new BodyTooLarge('the answer is too large');",
        '',
      ],
    ]),
    ...tokens('tenant-keys.ts', [
      [
        'every unknown id is looked up',
        'if (this.effects.now() - this.#triedAt < wait) return Promise.resolve(false);',
        '',
      ],
      ['all who wait download', 'if (this.#download !== undefined) return this.#download;', ''],
      ['what is absent is looked for again', 'if (this.#isKnownAbsent(kid)) return undefined;', ''],
      [
        'old keys serve for ever',
        'return this.#age() <= 2 * day ? this.#keys : new Map();',
        'return this.#keys;',
      ],
      ['keys are never read again', 'if (this.#age() > day) void this.#refresh();', ''],
      ['a copy of tomorrow is believed', 'if (fetchedAt <= this.effects.now()) this.#take', 'this.#take'],
      ['a set without keys replaces the keys', 'if (keys.size === 0) return false;', ''],
    ]),
  ],
  'tokens: the development issuer': [
    ...guards('tokens', 'config/serving.ts', [
      [
        'it is trusted on every address',
        'if (isLoopback(config.host)) return;',
        "if (config.host !== '') return;",
      ],
      [
        'a name that begins like an address is this machine',
        "(isIPv4(host) && host.startsWith('127.'))",
        "host.startsWith('127.')",
      ],
      ['nobody need be trusted', 'if (missing.length > 0) {', 'if (missing.length > 2) {'],
    ]),
    ...tokens('trusted-source.ts', [
      [
        'it is trusted beside a tenant',
        'return config.dev ? development(config, loadIssuer()) : tenant(config, effects);',
        'const issuer = loadIssuer(); return config.dev ? development(config, issuer) : tenant(config, effects);',
      ],
      [
        'an empty list of clients is any client of the tenant',
        'clients: new Set(clientId === null ? clients : [clientId, ...clients]),',
        "clients: clients.length === 0 ? 'any' : new Set(clientId === null ? clients : [clientId, ...clients]),",
      ],
    ]),
    ...tokens('issuer.ts', [
      [
        'its private key is published',
        "const { kty, n, e } = issuer.publicKey.export({ format: 'jwk' });\n  return { keys: [{ kty, n, e,",
        "const { kty, n, e, d } = issuer.privateKey.export({ format: 'jwk' });\n  return { keys: [{ kty, n, e, d,",
      ],
    ]),
  ],
  'pseudonyms: keys': [
    ...guards('pseudonyms', 'access/key.ts', [
      ['a key has any length', 'if (bytes.length !== keyLength) {', 'if (bytes.length === 0) {'],
      [
        'a key may repeat one byte',
        'if (bytes.every((byte) => byte === bytes[0])) {',
        'if (bytes.length === 0) {',
      ],
      [
        'published keys serve everywhere',
        'if (!dev && isPublished(bytes)) {',
        'if (dev && bytes.length === 0) {',
      ],
      [
        'two keys may be one',
        'if (twin !== undefined) {',
        'if (twin !== undefined && one.name === twin.name) {',
      ],
    ]),
    ...guards('pseudonyms', 'access/secret-file.ts', [
      [
        'others may read a key',
        '(fstatSync(descriptor).mode & 0o077) !== 0',
        '(fstatSync(descriptor).mode & 0o007) !== 0',
      ],
      ['the group may read a key that is made', "openSync(path, 'wx', 0o600)", "openSync(path, 'wx', 0o640)"],
      [
        'a key is replaced',
        "aroundSync('key', 'link', () => linkSync(from, to));",
        'unlinkSync(to); linkSync(from, to);',
      ],
    ]),
    ...guards('pseudonyms', 'access/key-files.ts', [
      [
        'missing keys are made anywhere',
        'readOrCreateSecretFile(place(name), create, make)',
        'readOrCreateSecretFile(place(name), create || true, make)',
      ],
    ]),
    ...guards('pseudonyms', 'access/keys.ts', [
      [
        'the warehouse key may be that of another use',
        "assertDifferent([{ name: 'warehouse', key: warehouse }, ...named(service)]);",
        '',
      ],
      ['keys of services may be one', '  assertDifferent(named(keys));\n', ''],
      [
        'the first key serves for ever',
        '.sort((one, other) => other.number - one.number)',
        '.sort((one, other) => one.number - other.number)',
      ],
      ['a deployment id is any text', 'if (!/^[A-Za-z0-9-]{8,64}$/.test(id)) {', "if (id === '') {"],
    ]),
  ],
  'pseudonyms: tokens of recipients': [
    ...guards('pseudonyms', 'access/recipient-token.ts', [
      [
        'all recipients share one key',
        '`maplewood/pseudonym/v1/${entity}/${recipient}`',
        '`maplewood/pseudonym/v1/${entity}/${recipient.slice(0, 0)}`',
      ],
      [
        'kinds of things share one key',
        '`maplewood/pseudonym/v1/${entity}/${recipient}`',
        '`maplewood/pseudonym/v1/${recipient}${entity.slice(0, 0)}`',
      ],
      [
        'deployments share one key',
        "hkdfSync('sha256', master, deploymentId, info, 32)",
        "hkdfSync('sha256', master, deploymentId.slice(0, 0), info, 32)",
      ],
      [
        'a token has several spellings',
        " || block.toString('base64url') !== encoded) return null;",
        ') return null;',
      ],
      [
        'tokens of keys that were given up are read',
        'tokenKid === undefined ? undefined : readable.get(tokenKid)',
        'tokenKid === undefined ? undefined : (readable.get(tokenKid) ?? key)',
      ],
      ['older keys are not read', '[[kid, key], ...keys.previousTokenMasters.map(derive)]', '[[kid, key]]'],
      ['a pseudonym has any length', 'if (block.length !== pseudonymLength) {', 'if (block.length > 64) {'],
    ]),
    ...guards('pseudonyms', 'access/pseudonym.ts', [
      [
        'a pseudonym is a plain hash',
        "createHmac('sha256', key)\n    .update(pseudonymPrefix(domain))",
        "createHmac('sha256', '')\n    .update(pseudonymPrefix(domain))",
      ],
      [
        'entities share their pseudonyms',
        '`${entity}${separator}${namespace}${separator}`',
        '`${entity.slice(0, 0)}${namespace}${separator}`',
      ],
      [
        'spellings of one id are two people',
        '(caseInsensitive ? trimmed.toUpperCase() : trimmed)',
        'trimmed',
      ],
      ['forms of one letter are two people', ".normalize('NFC')", ''],
    ]),
  ],
  'k-anonymity': guards('k-anonymity', 'etl/gold/generalise.ts', [
    [
      'a group of any size is shown',
      'case when level is not null then level when alike >= ${k}${diverse} then ${level} end',
      'case when level is not null then level when alike >= 1${diverse} then ${level} end',
    ],
    ['groups are one smaller', 'when alike >= ${k}${diverse} then', 'when alike >= ${k - 1}${diverse} then'],
    ['a group may share one chapter', "dominantPct === null ? ''", "dominantPct !== null ? ''"],
    [
      'a group may share one chapter to the last patient',
      '(100 * most < ${dominantPct} * alike',
      '(100 * most <= ${dominantPct} * alike',
    ],
    ['restricted patients are counted among the others', 'where not d.is_restricted\n', ''],
    [
      'restricted patients show what those like them show',
      'on d.is_restricted = c.is_restricted and ${alike}',
      'on ${alike}',
    ],
    [
      'the last few are shown to be the last',
      'const few = `hidden between 1 and ${k - 1} and place = 1`;',
      "const few = 'false';",
    ],
    ['the last few are one fewer', 'hidden between 1 and ${k - 1}', 'hidden between 1 and ${k - 2}'],
    [
      'a level shows what the one before shows',
      "when ${level} then ${shown[column] ?? 'null'}",
      "when ${level} then ${shown[column] ?? column.replace('row_', '')}",
    ],
    ['who is placed is placed again', 'case when level is not null then level when alike', 'case when alike'],
  ]),
};
