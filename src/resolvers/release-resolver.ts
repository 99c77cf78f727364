import type { GraphQLResolveInfo } from 'graphql';
import { Ctx, Field, Info, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { releaseChecks, releaseSources } from '../loaders/release.js';
import { DateScalar, DateTimeScalar } from '../schema/declare/scalars.js';
import type { RequestContext } from './context.js';
import { selectionOf } from './selection.js';

@ObjectType({
  description:
    'What went into the release from one source dataset. rows = silver + duplicates + quarantined.',
})
class ReleaseSource {
  @Field(() => String)
  readonly name!: string;

  @Field(() => Int, { description: 'Rows received.' })
  readonly rows!: number;

  @Field(() => Int, { description: 'Rows accepted.' })
  readonly silver!: number;

  @Field(() => Int, { description: 'Surplus rows of a key, and rows that repeat the version before.' })
  readonly duplicates!: number;

  @Field(() => Int, { description: 'Rows refused.' })
  readonly quarantined!: number;

  @Field(() => String, { nullable: true, description: 'Last file read.' })
  readonly lastFile!: string | null;
}

@ObjectType({ description: 'An integrity check that stood between the run and its publication.' })
class ReleaseCheck {
  @Field(() => String)
  readonly name!: string;

  @Field(() => String, { description: 'pass, fail (and accepted), error (accepted) or not_applicable.' })
  readonly status!: string;

  @Field(() => Int, { description: 'Rows or cells that violate it.' })
  readonly violations!: number;
}

@ObjectType({
  description: 'The release that answers this request. Every figure of one answer comes from one release.',
})
class Release {
  @Field(() => Int)
  readonly id!: number;

  @Field(() => DateTimeScalar)
  readonly publishedAt!: string;

  @Field(() => DateScalar, { description: 'Last day with data: the latest admission or emergency arrival.' })
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
