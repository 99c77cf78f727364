import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import supertest from 'supertest';
import type { TrustCode } from '../../src/access/grant.js';
import { identifiersFor } from '../../src/access/identifiers.js';
import { loadServiceKeys } from '../../src/access/keys.js';
import type { Right, Role } from '../../src/access/role.js';
import { type Clocks, systemClocks } from '../../src/break-glass/clock.js';
import type { Config } from '../../src/config/environment.js';
import { issueToken, loadDevelopmentIssuer } from '../../src/server/authentication/issuer.js';
import { fromRelease, identifiedFile, openReader } from '../support/release.js';
import { servedApp } from '../support/served-app.js';

/** Who calls: by default the user `user-1` of the client `ward-app`, a clinician of `trust` with the right. */
export interface Who {
  readonly roles?: readonly (Role | Right)[];
  readonly trust?: string;
  readonly client?: string;
  readonly oid?: string;
  readonly application?: boolean;
  /** Minutes since signing in. */
  readonly signedIn?: number;
}

export interface GlassServer {
  readonly url: string;
  readonly said: readonly string[];
  /** The text of every answer so far. */
  readonly answers: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test asserts
  ask(who: Who, query: string, variables?: object): Promise<{ status: number; body: any; text: string }>;
  /** Breaks the glass as somebody. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  glass(who: Who, patientId: string, more?: object): Promise<{ status: number; body: any; text: string }>;
  close(): Promise<void>;
}

export const mutation = `mutation Break($input: BreakGlassInput!) {
  breakGlass(input: $input) { id patientId grantedAt expiresAt }
}`;
export const reason = 'Found unconscious; allergies and medicines are needed.';

export const tokenFor = (config: Config, who: Who): string =>
  issueToken(
    loadDevelopmentIssuer(config.home, { create: true }),
    {
      roles: who.roles ?? ['clinician', 'reidentifier'],
      trusts: [(who.trust ?? 'RAA') as TrustCode],
      client: who.client ?? 'ward-app',
      oid: who.oid ?? 'user-1',
      ...(who.application ? { application: true } : {}),
    },
    Date.now() - (who.signedIn ?? 0) * 60_000,
  );

/** The server as `serve` puts it together, with a clock of the test where it gives one. */
export async function glassServer(config: Config, clocks: Clocks = systemClocks): Promise<GlassServer> {
  const said: string[] = [];
  const { url, close } = await servedApp(config, undefined, { note: ({ text }) => said.push(text), clocks });
  const answers: string[] = [];
  const ask: GlassServer['ask'] = async (who, query, variables = {}) => {
    const { status, body, text } = await supertest(url)
      .post('/graphql')
      .set('authorization', `Bearer ${tokenFor(config, who)}`)
      .send({ query, variables });
    answers.push(text);
    return { status, body, text };
  };
  return {
    url,
    said,
    answers,
    ask,
    glass: (who, patientId, more = {}) =>
      ask(who, mutation, { input: { patientId, purpose: 'TREATMENT', reason, ...more } }),
    close,
  };
}

/** A patient of the release: the key, and who it is. */
export interface Known {
  readonly key: Buffer;
  readonly identity: Readonly<Record<string, string | number | null>>;
}

/** Current patients whose spells are all at other trusts than this one, and who have no attendance there. */
export async function strangersOf(config: Config, trust: string, most: number): Promise<Known[]> {
  const found = await knownWhere(
    config,
    `patient_no in (select patient_no from fact_spell) and patient_no in (select patient_no from fact_ed_attendance)
       and patient_no not in (select patient_no from fact_spell where trust_code = '${trust}')
       and patient_no not in (select patient_no from fact_ed_attendance where trust_code = '${trust}')`,
    most,
  );
  // Keys are random, and so is the order: those of whom the sources know most come first.
  const unknown = ({ identity }: Known): number =>
    Object.values(identity).filter((one) => one === null).length;
  return found.sort((one, other) => unknown(one) - unknown(other));
}

/** Current patients of whom a condition on `dim_patient` holds, with who they are. */
export async function knownWhere(config: Config, condition: string, most: number): Promise<Known[]> {
  const keys = await fromRelease<{ key: Uint8Array }>(
    config,
    `select patient_sk as key from dim_patient where not is_restricted and ${condition} order by patient_no limit ${most}`,
  );
  const reader = await openReader(await identifiedFile(config));
  try {
    const rows = await reader.rows<Record<string, string>>(
      'select hex(patient_sk) as key, * exclude (patient_sk) replace (cast(date_of_birth as varchar) as date_of_birth) from patient',
    );
    const byKey = new Map(rows.map(({ key, ...identity }) => [key!.toLowerCase(), identity]));
    return keys.map(({ key }) => {
      const bytes = Buffer.from((key as unknown as { bytes?: Uint8Array }).bytes ?? key);
      return { key: bytes, identity: byKey.get(bytes.toString('hex'))! };
    });
  } finally {
    reader.close();
  }
}

/** A patient as a client sees them. */
export const tokenOf = (config: Config, { key }: Pick<Known, 'key'>, client = 'ward-app'): string =>
  identifiersFor(loadServiceKeys(config.home, { create: false, dev: true }), client)
    .of('patient')
    .encode([key])[0]!;

/** The files below a folder as one text. */
export const textBelow = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');

// biome-ignore lint/suspicious/noExplicitAny: records are asserted member by member
export const auditRecords = (config: Config): any[] =>
  readdirSync(config.home.audit)
    .filter((name) => name.endsWith('.ndjson'))
    .sort()
    .flatMap((name) => readFileSync(join(config.home.audit, name), 'utf8').split('\n'))
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line).r]))
    .filter(({ kind }) => kind !== 'request');
