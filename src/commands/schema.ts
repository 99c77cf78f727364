import { isRight, isRole, rights, roles, schemaFor } from '../access/role.js';
import { MaplewoodError } from '../errors.js';
import { buildRoleSchemas } from '../resolvers/build-schema.js';
import { schemaText } from '../resolvers/print-schema.js';
import { type Command, parse, required } from './command.js';

export const schema: Command = {
  name: 'schema',
  summary: 'Print the GraphQL schema of a role.',
  usage: 'maplewood schema --role ROLE [--right RIGHT]',
  async run(args, context) {
    const { values } = parse(schema, args, { role: { type: 'string' }, right: { type: 'string' } });
    const role = required(schema, '--role', values.role);
    if (!isRole(role))
      throw new MaplewoodError('USAGE', `There is no role ${role}. Roles: ${roles.join(', ')}.`);
    const right = values.right;
    if (right !== undefined && !isRight(right))
      throw new MaplewoodError('USAGE', `There is no right ${right}. Rights: ${rights.join(', ')}.`);
    const found = buildRoleSchemas().get(schemaFor(role, right === undefined ? [] : [right]));
    if (found) context.out(schemaText(found));
  },
};
