import { expect, expectTypeOf, test } from 'vitest'
import type * as z from 'zod'
import type * as entity from '../../server/contract/reports.ts'
import type { reportKinds } from '../../server/domain/reports/kinds.ts'
import * as schema from '../../server/schemas/reports.ts'

// The types of this file are checked by `tsc`, with everything else in `npm run check`.

type Flat<T> = { [Key in keyof T]: T[Key] }
type Shapes = Pick<typeof schema, Extract<keyof typeof schema, `${string}Shape`>>
type Outputs = { [Name in keyof Shapes]: Flat<z.output<Shapes[Name]>> }

test('every shape of reports and holds has the fields of its entity, each of the same type, and no other', () => {
  expectTypeOf<Outputs['reportShape']>().toEqualTypeOf<entity.Report>()
  expectTypeOf<Outputs['requestedReportShape']>().toEqualTypeOf<Flat<entity.RequestedReport>>()
  expectTypeOf<Outputs['reportTextShape']>().toEqualTypeOf<entity.ReportText>()
  expectTypeOf<Outputs['holdShape']>().toEqualTypeOf<entity.Hold>()
  expectTypeOf<Outputs['placedHoldShape']>().toEqualTypeOf<Flat<entity.PlacedHold>>()
  expectTypeOf<(typeof reportKinds)[number]>().toEqualTypeOf<entity.ReportKind>()
})

test('no shape is left out above', () => {
  const listed = {
    reportShape: 1,
    requestedReportShape: 1,
    reportTextShape: 1,
    holdShape: 1,
    placedHoldShape: 1,
  } satisfies Record<keyof Shapes, 1>
  expect(
    Object.keys(schema)
      .filter((name) => name.endsWith('Shape'))
      .sort(),
  ).toEqual(Object.keys(listed).sort())
})
