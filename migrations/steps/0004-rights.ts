import { createRole, grant, type Step } from '../step.js';

/** One database role a purpose; each gets a login of its own. A login in two of them defeats the separation. */
export const roles = {
  reader: 'maplewood_reader',
  writer: 'maplewood_writer',
  state: 'maplewood_state',
  identified: 'maplewood_identified',
} as const;

/**
 * Least rights: the reader sees `meta`, and each release through the grant that its publication makes; the writer
 * builds releases in schemas that it owns; state events are read and added; identity is read by one role alone.
 */
export const rights: Step = {
  id: 4,
  name: 'rights',
  statements: (engine) => [
    ...Object.values(roles).map(createRole),
    grant('SELECT ON SCHEMA::[meta]', roles.reader),
    grant('SELECT ON SCHEMA::[meta]', roles.writer),
    grant('INSERT ON OBJECT::[meta].[release]', roles.writer),
    grant('CREATE SCHEMA', roles.writer),
    grant('CREATE TABLE', roles.writer),
    ...(engine === 'synapse' ? [grant('ADMINISTER DATABASE BULK OPERATIONS', roles.writer)] : []),
    grant('SELECT, INSERT, DELETE ON SCHEMA::[identified]', roles.writer),
    grant('SELECT, INSERT ON SCHEMA::[state]', roles.state),
    grant('SELECT ON SCHEMA::[identified]', roles.identified),
  ],
};
