import type { TrainingSettings } from '../project/project.ts'
import { recipes, type RecipeId } from '../recipes/index.ts'

/**
 * A way to make a run lighter: options to lower, or another recipe for the same data. It applies to every recipe that has
 * these options; a new recipe gets it without a line here.
 */
export type LighterWay = {
  /** Under which its cost is measured (costs.json). */
  id: string
  label: string
  /** Numbers are lowered, where they are higher. */
  lower?: Readonly<Record<string, number>>
  /** Choices give way to lighter ones; `auto` counts as what it came to. */
  choose?: { option: string; insteadOf: Readonly<Record<string, string>> }
  /** Another recipe that learns the same from the same data. */
  recipe?: { id: string; insteadOf: readonly string[] }
  /** Ways that change the same thing: two of a kind are never joined. */
  kind: 'width' | 'depth' | 'size' | 'recipe'
}

/** From the least to the most that is given up. */
export const lighterWays: readonly LighterWay[] = [
  {
    id: 'depth-2/3',
    label: 'fewer blocks',
    kind: 'depth',
    choose: {
      option: 'netG',
      insteadOf: {
        resnet_9blocks: 'resnet_6blocks',
        residual_16blocks: 'residual_12blocks',
        residual_12blocks: 'residual_8blocks',
        residual_8blocks: 'residual_6blocks',
      },
    },
  },
  { id: 'width-32', label: 'networks 32 wide', kind: 'width', lower: { ngf: 32, ndf: 32 } },
  {
    id: 'recipe-fastcut',
    label: 'FastCUT',
    kind: 'recipe',
    recipe: { id: 'fastcut', insteadOf: ['cyclegan', 'cut'] },
  },
  { id: 'size-128', label: 'squares of 128 px', kind: 'size', lower: { cropSizePx: 128 } },
  { id: 'width-16', label: 'networks 16 wide', kind: 'width', lower: { ngf: 16, ndf: 16 } },
]

function isRecipe(id: string): id is RecipeId {
  return Object.hasOwn(recipes, id)
}

/** The options of one recipe that another has too and takes. */
function carriedOver(options: TrainingSettings['options'], to: RecipeId): TrainingSettings['options'] {
  const { shape } = recipes[to].options
  const isTaken = ([key, value]: [string, unknown]) =>
    Object.hasOwn(shape, key) && shape[key as keyof typeof shape].safeParse(value).success
  return Object.fromEntries(Object.entries(options).filter(isTaken))
}

/** A load size that was chosen keeps its ratio to the square: what is seen of a picture stays the same. */
function withLoadSize(
  options: TrainingSettings['options'],
  fromPx: unknown,
  toPx: unknown,
): TrainingSettings['options'] {
  const { loadSizePx } = options
  if (typeof loadSizePx !== 'number' || typeof fromPx !== 'number' || typeof toPx !== 'number') return options
  return { ...options, loadSizePx: Math.max(toPx, Math.round((loadSizePx * toPx) / fromPx)) }
}

function lower(
  training: TrainingSettings,
  wanted: Readonly<Record<string, number>>,
): TrainingSettings | null {
  const now: Record<string, unknown> = recipes[training.recipe].options.parse(training.options)
  const lowered = Object.entries(wanted).filter(([key, to]) => typeof now[key] === 'number' && now[key] > to)
  if (lowered.length === 0) return null
  const changes = Object.fromEntries(lowered)
  const options = { ...training.options, ...changes }
  const { cropSizePx } = changes
  return {
    ...training,
    options: cropSizePx === undefined ? options : withLoadSize(options, now.cropSizePx, cropSizePx),
  }
}

function choose(
  training: TrainingSettings,
  { option, insteadOf }: NonNullable<LighterWay['choose']>,
  architecture: string,
): TrainingSettings | null {
  const { options: schema } = recipes[training.recipe]
  const now: Record<string, unknown> = schema.parse(training.options)
  const current = now[option] === 'auto' ? architecture : now[option]
  if (typeof current !== 'string' || !Object.hasOwn(insteadOf, current)) return null
  const options = { ...training.options, [option]: insteadOf[current] }
  return schema.safeParse(options).success ? { ...training, options } : null
}

/**
 * The same training, lighter in this way; null where it has nothing to give up there.
 * @param architecture the generator that the settings come to: what `auto` stands for
 */
export function lighten(
  training: TrainingSettings,
  way: LighterWay,
  architecture: string,
): TrainingSettings | null {
  if (way.lower) return lower(training, way.lower)
  if (way.choose) return choose(training, way.choose, architecture)
  if (!way.recipe?.insteadOf.includes(training.recipe) || !isRecipe(way.recipe.id)) return null
  return { recipe: way.recipe.id, options: carriedOver(training.options, way.recipe.id) }
}

export type Lighter = { ways: readonly LighterWay[]; training: TrainingSettings }

/** Every way by itself, then every two that change different things. */
export function lighterSettings(training: TrainingSettings, architecture: string): Lighter[] {
  const singles = lighterWays.flatMap((way): Lighter[] => {
    const lightened = lighten(training, way, architecture)
    return lightened ? [{ ways: [way], training: lightened }] : []
  })
  const pairs = singles.flatMap((first, index) =>
    singles.slice(index + 1).flatMap((second): Lighter[] => {
      const [one, other] = [first.ways[0], second.ways[0]]
      if (!one || !other || one.kind === other.kind) return []
      // A recipe first: what is lowered must be an option of the recipe that is trained.
      const ordered = other.kind === 'recipe' ? [other, one] : [one, other]
      const joined = ordered.reduce<TrainingSettings | null>(
        (now, way) => now && lighten(now, way, architecture),
        training,
      )
      return joined ? [{ ways: ordered, training: joined }] : []
    }),
  )
  return [...singles, ...pairs]
}
