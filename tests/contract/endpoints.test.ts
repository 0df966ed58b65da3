import { expect, expectTypeOf, test } from 'vitest'
import type * as z from 'zod'
import type * as entity from '../../server/contract/endpoints.ts'
import * as schema from '../../server/schemas/endpoints.ts'

// The types of this file are checked by `tsc`, with everything else in `npm run check`.

type Flat<T> = { [Key in keyof T]: T[Key] }
type Shapes = Pick<typeof schema, Extract<keyof typeof schema, `${string}Shape`>>
type Outputs = { [Name in keyof Shapes]: Flat<z.output<Shapes[Name]>> }

test('every shape of endpoints and deliveries has the fields of its entity, each of the same type, and no other', () => {
  expectTypeOf<Outputs['endpointShape']>().toEqualTypeOf<entity.Endpoint>()
  expectTypeOf<Outputs['endpointWithSecretShape']>().toEqualTypeOf<Flat<entity.EndpointWithSecret>>()
  expectTypeOf<Outputs['deliveryShape']>().toEqualTypeOf<entity.Delivery>()
  expectTypeOf<Outputs['deliveryAttemptShape']>().toEqualTypeOf<entity.DeliveryAttempt>()
  expectTypeOf<Outputs['deliveryLogShape']>().toEqualTypeOf<Flat<entity.DeliveryLog>>()
  expectTypeOf<z.output<typeof schema.deliveryState>>().toEqualTypeOf<entity.DeliveryState>()
})

test('no shape is left out above', () => {
  const listed = {
    endpointShape: 1,
    endpointWithSecretShape: 1,
    deliveryShape: 1,
    deliveryAttemptShape: 1,
    deliveryLogShape: 1,
  } satisfies Record<keyof Shapes, 1>
  expect(
    Object.keys(schema)
      .filter((name) => name.endsWith('Shape'))
      .sort(),
  ).toEqual(Object.keys(listed).sort())
})
