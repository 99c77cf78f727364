import { isTrustCode, type TrustCode } from '../access/grant.js';
import { isRight, isRole, type Right, type Role, rights, roleDeclarations, roles } from '../access/role.js';
import type { Config } from '../config/environment.js';
import { ensureHome } from '../config/home.js';
import { MaplewoodError } from '../errors.js';
import { issueToken, loadDevelopmentIssuer } from '../server/authentication/issuer.js';
import { type Command, parse, required } from './command.js';
import { openWarehouse } from './parts.js';

export const token: Command = {
  name: 'token',
  summary: 'Print a token of the development issuer.',
  usage: 'maplewood token --role ROLE [--role ROLE]… [--right RIGHT] [--trust CODE]… [--client ID]',
  async run(args, context) {
    const { values } = parse(token, args, {
      role: { type: 'string', multiple: true },
      trust: { type: 'string', multiple: true },
      right: { type: 'string', multiple: true },
      client: { type: 'string' },
    });
    const config = context.config();
    const wanted = (values.role ?? []).map((name) => {
      if (!isRole(name))
        throw new MaplewoodError('USAGE', `There is no role ${name}. Roles: ${roles.join(', ')}.`);
      return name;
    });
    required(token, '--role', wanted[0]);
    const further = (values.right ?? []).map((name) => {
      if (!isRight(name))
        throw new MaplewoodError('USAGE', `There is no right ${name}. Rights: ${rights.join(', ')}.`);
      return name;
    });
    const given = (values.trust ?? []).map((code) => {
      if (!isTrustCode(code))
        throw new MaplewoodError('USAGE', `${code} is no trust code: 3 to 5 capital letters and digits.`);
      return code;
    });
    const trusts = given.length > 0 ? given : await defaultTrusts(config, wanted, context.err);
    context.out(`${developmentToken(config, [...wanted, ...further], trusts, values.client)}\n`);
  },
};

/** A token of the development issuer, for the roles and trusts. */
export function developmentToken(
  config: Config,
  wanted: readonly (Role | Right)[],
  trusts: readonly TrustCode[] | undefined,
  client?: string,
): string {
  ensureHome(config.home);
  return issueToken(loadDevelopmentIssuer(config.home, { create: true }), {
    roles: wanted,
    ...(trusts ? { trusts } : {}),
    ...(client === undefined ? {} : { client }),
  });
}

/** Roles that work on own trusts get the first trust of the release, so that a token is of use at once. */
export async function defaultTrusts(
  config: Config,
  wanted: readonly Role[],
  err: (text: string) => void,
): Promise<TrustCode[] | undefined> {
  if (!wanted.some((name) => roleDeclarations[name].needsTrusts)) return undefined;
  const codes = await trustCodes(config);
  const [first] = codes;
  if (first === undefined) {
    throw new MaplewoodError(
      'USAGE',
      `The role ${wanted.join(', ')} needs --trust CODE: no release is there to take one from.`,
    );
  }
  err(`No --trust given: the token is for the first trust of the release, ${first}.\n`);
  return [first];
}

/** Trust codes of the served release, sorted; none without a release. */
async function trustCodes(config: Config): Promise<TrustCode[]> {
  const warehouse = await openWarehouse(config);
  try {
    const handle = warehouse.open();
    try {
      const column = { name: 'trust_code', type: { kind: 'text', length: 5 } } as const;
      const result = await handle.read(
        { sql: 'select trust_code from dim_trust order by trust_code', parameters: [] },
        [column],
      );
      return ((result.columns[0] ?? []) as string[]).filter(isTrustCode);
    } finally {
      handle.close();
    }
  } catch (error) {
    if (error instanceof MaplewoodError && error.code === 'WAREHOUSE_UNAVAILABLE') return [];
    throw error;
  } finally {
    await warehouse.close();
  }
}
