import * as z from 'zod'
import { appRouter } from '../../../server/router.ts'
import { type Procedure, procedures } from './calls.ts'

/** An id that a procedure takes. */
export interface IdField {
  procedure: Procedure
  path: string
  /** Where it stands in the input, such as `walletId` or `action.userId`. */
  field: string
}

interface JsonSchema {
  properties?: Record<string, JsonSchema>
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
}

/** Every field of a schema, however deep; those of an array stand in its first item. */
function fieldsIn({ properties = {}, items, anyOf = [], oneOf = [] }: JsonSchema): string[] {
  const below = (name: string, schema: JsonSchema) => fieldsIn(schema).map((field) => `${name}.${field}`)
  return [
    ...Object.entries(properties).flatMap(([name, schema]) => [name, ...below(name, schema)]),
    ...(items ? ['0', ...below('0', items)] : []),
    ...[...anyOf, ...oneOf].flatMap(fieldsIn),
  ]
}

const inputOf = (path: string): z.ZodType | undefined =>
  (appRouter._def.procedures as unknown as Record<string, { _def: { inputs: z.ZodType[] } }>)[path]!._def.inputs[0]

/** Every id that any procedure of the router takes. */
export const idFields: IdField[] = procedures.flatMap((procedure) => {
  const input = inputOf(procedure.path)
  if (!input) return []
  const schema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  return (
    [...new Set(fieldsIn(schema))]
      // a chain and a place in the feed are no objects of anybody
      .filter((field) => /(Id|Ids\.0)$/.test(field) && field !== 'chainId' && field !== 'lastEventId')
      .map((field) => ({ procedure, path: procedure.path, field }))
  )
})

export type Input = Record<string, unknown>

export const valueAt = (input: Input, field: string): unknown =>
  field.split('.').reduce<unknown>((value, name) => (value as Input)[name], input)

/** The same input with another value in one field, and without those that it stands in place of. */
export function withValue(input: Input, field: string, value: unknown, insteadOf: readonly string[] = []): Input {
  const copy = structuredClone(input)
  for (const name of insteadOf) delete copy[name]
  const names = field.split('.')
  const last = names.pop()!
  const parent = names.length > 0 ? valueAt(copy, names.join('.')) : copy
  ;(parent as Input)[last] = value
  return copy
}
