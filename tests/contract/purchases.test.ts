import { expect, expectTypeOf, test } from 'vitest'
import type * as z from 'zod'
import type * as entity from '../../server/contract/purchases.ts'
import * as schema from '../../server/schemas/purchases.ts'

// The types of this file are checked by `tsc`, with everything else in `npm run check`.

type Flat<T> = { [Key in keyof T]: T[Key] }
type Shapes = Pick<typeof schema, Extract<keyof typeof schema, `${string}Shape`>>
type Outputs = { [Name in keyof Shapes]: Flat<z.output<Shapes[Name]>> }

test('every shape of purchases has the fields of its entity, each of the same type, and no other', () => {
  expectTypeOf<Outputs['purchaseShape']>().toEqualTypeOf<entity.Purchase>()
  expectTypeOf<Outputs['boughtPurchaseShape']>().toEqualTypeOf<Flat<entity.BoughtPurchase>>()
  expectTypeOf<Outputs['purchaseAnswerShape']>().toEqualTypeOf<entity.PurchaseAnswer>()
  expectTypeOf<Outputs['purchaseProblemShape']>().toEqualTypeOf<entity.PurchaseProblem>()
  expectTypeOf<Outputs['purchaseQuoteShape']>().toEqualTypeOf<entity.PurchaseQuote>()
  expectTypeOf<Outputs['buyingCheckShape']>().toEqualTypeOf<entity.BuyingCheck>()
  expectTypeOf<Outputs['buyingPolicyShape']>().toEqualTypeOf<Flat<entity.BuyingPolicy>>()
  expectTypeOf<z.output<typeof schema.purchaseState>>().toEqualTypeOf<entity.PurchaseState>()
})

test('no shape is left out above', () => {
  const listed = {
    purchaseShape: 1,
    boughtPurchaseShape: 1,
    purchaseAnswerShape: 1,
    purchaseProblemShape: 1,
    purchaseQuoteShape: 1,
    buyingCheckShape: 1,
    buyingPolicyShape: 1,
  } satisfies Record<keyof Shapes, 1>
  expect(
    Object.keys(schema)
      .filter((name) => name.endsWith('Shape'))
      .sort(),
  ).toEqual(Object.keys(listed).sort())
})
