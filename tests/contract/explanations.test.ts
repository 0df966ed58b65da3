import { expect, expectTypeOf, test } from 'vitest'
import type * as z from 'zod'
import type * as entity from '../../server/contract/explanations.ts'
import * as schema from '../../server/schemas/explanations.ts'

// The types of this file are checked by `tsc`, with everything else in `npm run check`.

type Flat<T> = { [Key in keyof T]: T[Key] }
type Shapes = Pick<typeof schema, Extract<keyof typeof schema, `${string}Shape`>>
type Outputs = { [Name in keyof Shapes]: Flat<z.output<Shapes[Name]>> }

test('every shape of an explanation has the fields of its entity, and no other', () => {
  expectTypeOf<Outputs['countedEntryShape']>().toEqualTypeOf<Flat<entity.CountedEntry>>()
  expectTypeOf<keyof Outputs['explainedCheckShape']>().toEqualTypeOf<keyof entity.ExplainedCheck>()
  expectTypeOf<keyof Outputs['explanationShape']>().toEqualTypeOf<keyof entity.Explanation>()
  const listed = { countedEntryShape: 1, explainedCheckShape: 1, explanationShape: 1 } satisfies Record<keyof Shapes, 1>
  expect(Object.keys(schema).filter((name) => name.endsWith('Shape'))).toEqual(Object.keys(listed))
})
