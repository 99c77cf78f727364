import { Ctx, Field, ObjectType, Query, Resolver } from 'type-graphql';
import { catalogueFor } from '../schema/catalogue.js';
import { Classed } from '../schema/declare/classed.js';
import type { RequestContext } from './context.js';
import { GrainEnum } from './inputs.js';

@ObjectType({ description: 'A column of a dataset and what it means.' })
class DatasetColumn {
  @Classed('O', () => String)
  readonly name!: string;

  @Classed('O', () => String)
  readonly description!: string;

  @Classed('O', () => String, { description: 'dimension, measure or column.' })
  readonly kind!: string;

  @Classed('O', () => String, { description: 'GraphQL type.' })
  readonly type!: string;

  @Classed('O', () => String, { nullable: true })
  readonly unit!: string | null;

  @Classed('O', () => String, {
    description: 'D direct identifier (a token), Q quasi-identifier, S sensitive, W about staff, O open.',
  })
  readonly sensitivity!: string;

  @Classed('O', () => String, { nullable: true, description: 'Dimension of `by` that it belongs to.' })
  readonly dimension!: string | null;

  @Classed('O', () => String, { nullable: true })
  readonly numerator!: string | null;

  @Classed('O', () => String, { nullable: true })
  readonly denominator!: string | null;

  @Classed('O', () => String, { nullable: true })
  readonly edgeCases!: string | null;

  @Classed('O', () => String, { nullable: true, description: 'Publication that defines the measure.' })
  readonly source!: string | null;
}

@ObjectType()
class DatasetDimension {
  @Classed('O', () => String)
  readonly name!: string;

  @Classed('O', () => [String])
  readonly columns!: string[];
}

@ObjectType({
  description: 'Dimensions that may be combined, and at which grains. Subsets are allowed as well.',
})
class DatasetCombination {
  @Classed('O', () => [String])
  readonly by!: string[];

  @Classed('O', () => [GrainEnum])
  readonly grains!: string[];
}

@ObjectType()
class DatasetArgument {
  @Classed('O', () => String)
  readonly name!: string;

  @Classed('O', () => String)
  readonly description!: string;

  @Classed('O', () => String)
  readonly default!: string;

  @Classed('O', () => [String])
  readonly values!: string[];
}

@ObjectType({ description: 'A dataset, as it exists for the active role.' })
class DatasetEntry {
  @Classed('O', () => String, { description: 'Name of its root field.' })
  readonly key!: string;

  @Classed('O', () => String)
  readonly title!: string;

  @Classed('O', () => String)
  readonly description!: string;

  @Classed('O', () => String, { description: 'measure, row or forecast.' })
  readonly kind!: string;

  @Field(() => [DatasetColumn])
  readonly columns!: DatasetColumn[];

  @Field(() => [DatasetDimension])
  readonly dimensions!: DatasetDimension[];

  @Field(() => [DatasetCombination])
  readonly allowed!: DatasetCombination[];

  @Field(() => [DatasetArgument])
  readonly arguments!: DatasetArgument[];
}

@Resolver()
export class DatasetsResolver {
  @Query(() => [DatasetEntry], {
    description: 'The catalogue: every dataset of the active role with its definitions.',
  })
  datasets(@Ctx() { grant }: RequestContext): object[] {
    return catalogueFor(grant.role);
  }
}
