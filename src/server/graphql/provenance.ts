import type { ApolloServerPlugin } from '@apollo/server';
import type { Role } from '../../access/role.js';
import type { ReleaseInfo } from '../../warehouse/warehouse.js';
import type { GraphqlContext } from './context.js';

export interface AnswerMadeOf {
  readonly release: Pick<ReleaseInfo, 'id' | 'dataAsOf'>;
  readonly role: Role;
  readonly cached: boolean;
  readonly hiddenCells: number;
  readonly requestId: string;
}

/** What every answer says that it was made from. */
export const provenanceOf = ({ release, role, cached, hiddenCells, requestId }: AnswerMadeOf) => ({
  maplewood: {
    release: release.id,
    dataAsOf: release.dataAsOf,
    role,
    cached,
    suppressedCells: hiddenCells,
    requestId,
  },
});

/** Adds it to an answer, lists no more errors than answers may, and tells the exchange what came of it. */
export const provenance = (mostErrors: number): ApolloServerPlugin<GraphqlContext> => ({
  async requestDidStart() {
    return {
      async willSendResponse({ contextValue, response }) {
        const { body } = response;
        if (body.kind !== 'single') return;
        const { exchange, load, grant, provenance: made } = contextValue;
        const { requestId, handle } = load;
        const { singleResult } = body;
        if (singleResult.errors) {
          singleResult.errors = singleResult.errors.slice(0, mostErrors);
          for (const { extensions } of singleResult.errors)
            if (extensions) extensions['requestId'] = requestId;
          exchange.errors = singleResult.errors.map(({ extensions }) => String(extensions?.['code']));
          exchange.hasData = Object.values(singleResult.data ?? {}).some((field) => field !== null);
        }
        singleResult.extensions = {
          ...singleResult.extensions,
          ...provenanceOf({
            release: handle.info,
            role: grant.role,
            cached: false,
            hiddenCells: made.hiddenCells,
            requestId,
          }),
        };
      },
    };
  },
});
