import { isRole, roles } from '../access/role.js';
import { MaplewoodError } from '../errors.js';
import { buildRoleSchemas } from '../resolvers/build-schema.js';
import { schemaText } from '../resolvers/print-schema.js';
import { type Command, parse, required } from './command.js';

export const schema: Command = {
  name: 'schema',
  summary: 'Print the GraphQL schema of a role.',
  usage: 'maplewood schema --role ROLE',
  async run(args, context) {
    const { values } = parse(schema, args, { role: { type: 'string' } });
    const role = required(schema, '--role', values.role);
    if (!isRole(role))
      throw new MaplewoodError('USAGE', `There is no role ${role}. Roles: ${roles.join(', ')}.`);
    const found = buildRoleSchemas().get(role);
    if (found) context.out(schemaText(found));
  },
};
