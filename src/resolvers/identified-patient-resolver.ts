import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, ID, Info, Query, Resolver } from 'type-graphql';
import type { AskedOfPatient } from '../break-glass/patient.js';
import { MaplewoodError } from '../errors.js';
import { eventsOfIdentified, IdentifiedPatient } from '../schema/identified/patient.js';
import type { RequestContext } from './context.js';
import { type Selection, selectionOf } from './selection.js';

@Resolver()
export class IdentifiedPatientResolver {
  @Query(() => IdentifiedPatient as unknown as new () => IdentifiedPatient, {
    nullable: true,
    description:
      'Who the patient behind a patientId is, under a grant of breakGlass that is open for you. Without one null with the error FORBIDDEN, whatever the patientId is.',
  })
  async identifiedPatient(
    @Arg('patientId', () => ID) patientId: string,
    @Ctx() { glass, provenance }: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<object | null> {
    if (!glass) throw new MaplewoodError('POLICY_VIOLATION');
    const found = await glass.service.read(patientId, askedIn(selectionOf(info)), glass.context);
    if (found) provenance.identified = true;
    return found;
  }
}

const askedIn = (selection: Selection): AskedOfPatient => {
  const names = selection.names();
  return {
    fields: names.filter((name) => !eventsOfIdentified.has(name)),
    events: new Map(
      names
        .filter((name) => eventsOfIdentified.has(name))
        .map((name) => [name, selection.below(name).names()]),
    ),
  };
};
