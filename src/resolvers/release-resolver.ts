import type { GraphQLResolveInfo } from 'graphql';
import { Ctx, Field, Info, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { releaseChecks, releaseSources } from '../loaders/release.js';
import { Classed } from '../schema/declare/classed.js';
import { DateScalar, DateTimeScalar } from '../schema/declare/scalars.js';
import type { RequestContext } from './context.js';
import { selectionOf } from './selection.js';

@ObjectType({
  description:
    'What went into the release from one source dataset. rows = silver + duplicates + quarantined.',
})
class ReleaseSource {
  @Classed('O', () => String)
  readonly name!: string;

  @Classed('O', () => Int, { description: 'Rows received.' })
  readonly rows!: number;

  @Classed('O', () => Int, { description: 'Rows accepted.' })
  readonly silver!: number;

  @Classed('O', () => Int, { description: 'Surplus rows of a key, and rows that repeat the version before.' })
  readonly duplicates!: number;

  @Classed('O', () => Int, { description: 'Rows refused.' })
  readonly quarantined!: number;

  @Classed('O', () => String, { nullable: true, description: 'Last file read.' })
  readonly lastFile!: string | null;
}

@ObjectType({ description: 'An integrity check that stood between the run and its publication.' })
class ReleaseCheck {
  @Classed('O', () => String)
  readonly name!: string;

  @Classed('O', () => String, {
    description: 'pass, fail (and accepted), error (accepted) or not_applicable.',
  })
  readonly status!: string;

  @Classed('O', () => Int, { description: 'Rows or cells that violate it.' })
  readonly violations!: number;
}

@ObjectType({
  description: 'The release that answers this request. Every figure of one answer comes from one release.',
})
class Release {
  @Classed('O', () => Int)
  readonly id!: number;

  @Classed('O', () => DateTimeScalar)
  readonly publishedAt!: string;

  @Classed('O', () => DateScalar, {
    description: 'Last day with data: the latest admission or emergency arrival.',
  })
  readonly dataAsOf!: string;

  @Field(() => [ReleaseSource])
  readonly sources!: ReleaseSource[];

  @Field(() => [ReleaseCheck])
  readonly checks!: ReleaseCheck[];
}

@Resolver()
export class ReleaseResolver {
  @Query(() => Release, { description: 'The release that answers, with what went into it.' })
  async release(@Ctx() context: RequestContext, @Info() info: GraphQLResolveInfo): Promise<object> {
    const selection = selectionOf(info);
    const { id, publishedAt, dataAsOf } = context.load.handle.info;
    const sources = selection.has('sources') ? await releaseSources(context.load) : [];
    const checks = selection.has('checks') ? await releaseChecks(context.load) : [];
    return {
      id,
      publishedAt,
      dataAsOf,
      sources: sources.map((row) => ({ ...row, lastFile: row['last_file'] })),
      checks: checks.map((row) => ({ name: row['id'], status: row['status'], violations: row['violated'] })),
    };
  }
}
