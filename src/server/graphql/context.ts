import type { BaseContext } from '@apollo/server';
import type { RequestContext } from '../../resolvers/context.js';
import type { Exchange } from '../exchange.js';

/** What Apollo Server hands on to resolvers and plugins. */
export type GraphqlContext = BaseContext & RequestContext & { readonly exchange: Exchange };
