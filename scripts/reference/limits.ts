/** What JSON Schema says of a value, as far as it is told here. */
export interface Schema {
  type?: string
  format?: string
  default?: unknown
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  anyOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
}

/** What is asked of a value beside its type, in a few words. */
export function limitsOf(schema: Schema): string {
  const standard = schema.default
  return [
    ...limits(schema),
    ...(standard === undefined || standard === null ? [] : [`by default \`${JSON.stringify(standard)}\``]),
  ].join('; ')
}

function limits(schema: Schema): string[] {
  const choice = schema.anyOf?.filter(({ type }) => type !== 'null')
  if (choice?.length === 1) return limits(choice[0]!)
  const { format, minLength, maxLength, minimum, maximum, minItems, maxItems, items } = schema
  if (format === 'uuid') return ['UUID']
  return [
    ...between(minItems, maxItems, 'of them'),
    ...between(minLength, maxLength, 'characters'),
    ...between(minimum, maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum, ''),
    ...(items ? limits(items).map((each) => `each ${each}`) : []),
  ]
}

function between(least: number | undefined, most: number | undefined, unit: string): string[] {
  const [from, to] = [least, most].map((bound) => bound?.toLocaleString('en'))
  const range = from && to ? `${from} to ${to}` : to ? `at most ${to}` : from ? `at least ${from}` : ''
  return range ? [`${range} ${unit}`.trim()] : []
}
