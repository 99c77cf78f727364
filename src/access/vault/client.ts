import { BodyTooLarge, textWithin } from '../../config/bounded-body.js';
import { Secret } from '../../config/secret.js';
import type { BearerToken } from './credential.js';
import { type Asked, noToken, refused, unreachable, unusable } from './unavailable.js';
import { within } from './within.js';

/** What is asked of an Azure Key Vault (REST API, version 7.4: "Get Secrets" and "Get Secret"). */
export interface Vault {
  /** Without a slash at its end. */
  readonly url: string;
  /** Names of the secrets that are enabled, in small letters: to a vault they are the same. */
  names(): Promise<readonly string[]>;
  /** The newest version of a secret; undefined where there is none, or where it is disabled. */
  value(name: string): Promise<Secret | undefined>;
}

export interface VaultEffects {
  /** Milliseconds until a question is given up, and until a token is. */
  readonly patience: { readonly question: number; readonly token: number };
}
const usual: VaultEffects = { patience: { question: 5_000, token: 20_000 } };

/** Bytes of the largest answer. A secret has 25 kB at most, a page of the list 25 names with their tags. */
const largest = 512 * 1024;
/** Pages of the list that are read; one has 25 secrets. */
const mostPages = 200;

/**
 * A vault, asked with one token. Nothing leads elsewhere: redirects are not followed, and pages go on at the same origin only.
 * What ends the `signal` ends every question. Error of all of it: `KEY_UNAVAILABLE`.
 */
export async function openVault(
  address: string,
  token: BearerToken,
  signal: AbortSignal,
  { patience }: VaultEffects = usual,
): Promise<Vault> {
  const { origin } = new URL(address);
  const bearer = await tokenFor(origin, token, signal, patience.token);
  const headers = {
    accept: 'application/json',
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
  };

  const ask = async (url: URL, asked: Asked): Promise<Answer> => {
    try {
      return await within(patience.question, signal, async (ends) => {
        const response = await fetch(url, { redirect: 'error', signal: ends, headers });
        return { status: response.status, text: await textWithin(response, largest) };
      });
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof BodyTooLarge
        ? unusable(origin, asked, 'it is too large')
        : unreachable(origin, error);
    }
  };
  const fieldsIn = ({ status, text }: Answer, asked: Asked): Fields => {
    if (status !== 200) throw refused(origin, asked, status);
    const fields = fieldsOf(text);
    if (fields === undefined) throw unusable(origin, asked, 'it is no JSON object');
    return fields;
  };
  const at = (path: string): URL => new URL(`${path}?api-version=7.4`, origin);

  return {
    url: origin,
    async names() {
      const asked: Asked = 'the list of its secrets';
      const found: string[] = [];
      let page = at('/secrets');
      for (let read = 0; read < mostPages; read += 1) {
        const { value, nextLink } = fieldsIn(await ask(page, asked), asked);
        if (!Array.isArray(value)) throw unusable(origin, asked, 'it holds no secrets');
        found.push(...value.flatMap(nameOf));
        if (typeof nextLink !== 'string' || nextLink === '') return found;
        if (!isWithin(origin, nextLink)) throw unusable(origin, asked, 'it goes on elsewhere');
        page = new URL(nextLink, origin);
      }
      throw unusable(origin, asked, 'it has no end');
    },
    async value(name) {
      const asked: Asked = `the secret ${name}`;
      const answer = await ask(at(`/secrets/${name}`), asked);
      if (answer.status === 404 || isDisabled(answer)) return undefined;
      const { value } = fieldsIn(answer, asked);
      if (typeof value !== 'string') throw unusable(origin, asked, 'it holds no value');
      return new Secret(value);
    },
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

type Fields = Readonly<Record<string, unknown>>;

async function tokenFor(
  vault: string,
  token: BearerToken,
  signal: AbortSignal,
  patience: number,
): Promise<string | undefined> {
  try {
    return await within(patience, signal, token);
  } catch (error) {
    signal.throwIfAborted();
    throw noToken(vault, error);
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function fieldsOf(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isEnabled = ({ attributes }: Fields): boolean =>
  !isFields(attributes) || attributes['enabled'] !== false;

/** A list names secrets by their address; of no other form is one of ours. */
function nameOf(entry: unknown): string[] {
  if (!isFields(entry) || typeof entry['id'] !== 'string' || !isEnabled(entry)) return [];
  const name = /\/secrets\/([A-Za-z0-9-]{1,127})$/.exec(entry['id'])?.[1];
  return name === undefined ? [] : [name.toLowerCase()];
}

const isWithin = (origin: string, link: string): boolean =>
  URL.canParse(link, origin) && new URL(link, origin).origin === origin;

/** A disabled version is refused in the words of a right that is missing; only the inner error tells. */
function isDisabled({ status, text }: Answer): boolean {
  const fields = fieldsOf(text);
  if (status === 200) return fields !== undefined && !isEnabled(fields);
  if (status !== 403 || !isFields(fields?.['error'])) return false;
  const { innererror } = fields['error'];
  return isFields(innererror) && innererror['code'] === 'SecretDisabled';
}
