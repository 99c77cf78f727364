import { Ctx, Field, ObjectType, Query, Resolver } from 'type-graphql';
import { catalogueFor } from '../schema/catalogue.js';
import type { RequestContext } from './context.js';
import { GrainEnum } from './inputs.js';

@ObjectType({ description: 'A column of a dataset and what it means.' })
class DatasetColumn {
  @Field(() => String)
  readonly name!: string;

  @Field(() => String)
  readonly description!: string;

  @Field(() => String, { description: 'dimension, measure or column.' })
  readonly kind!: string;

  @Field(() => String, { description: 'GraphQL type.' })
  readonly type!: string;

  @Field(() => String, { nullable: true })
  readonly unit!: string | null;

  @Field(() => String, { description: 'Q quasi-identifier, S sensitive, W staff, O open.' })
  readonly sensitivity!: string;

  @Field(() => String, { nullable: true, description: 'Dimension of `by` that it belongs to.' })
  readonly dimension!: string | null;

  @Field(() => String, { nullable: true })
  readonly numerator!: string | null;

  @Field(() => String, { nullable: true })
  readonly denominator!: string | null;

  @Field(() => String, { nullable: true })
  readonly edgeCases!: string | null;

  @Field(() => String, { nullable: true, description: 'Publication that defines the measure.' })
  readonly source!: string | null;
}

@ObjectType()
class DatasetDimension {
  @Field(() => String)
  readonly name!: string;

  @Field(() => [String])
  readonly columns!: string[];
}

@ObjectType({
  description: 'Dimensions that may be combined, and at which grains. Subsets are allowed as well.',
})
class DatasetCombination {
  @Field(() => [String])
  readonly by!: string[];

  @Field(() => [GrainEnum])
  readonly grains!: string[];
}

@ObjectType()
class DatasetArgument {
  @Field(() => String)
  readonly name!: string;

  @Field(() => String)
  readonly description!: string;

  @Field(() => String)
  readonly default!: string;

  @Field(() => [String])
  readonly values!: string[];
}

@ObjectType({ description: 'A dataset, as it exists for the active role.' })
class DatasetEntry {
  @Field(() => String, { description: 'Name of its root field.' })
  readonly key!: string;

  @Field(() => String)
  readonly title!: string;

  @Field(() => String)
  readonly description!: string;

  @Field(() => String, { description: 'measure, row or forecast.' })
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
