import { expect, expectTypeOf, test } from 'vitest'
import type * as z from 'zod'
import type * as entity from '../../server/contract/audit.ts'
import * as schema from '../../server/schemas/audit.ts'

// The types of this file are checked by `tsc`, with everything else in `npm run check`.

type Flat<T> = { [Key in keyof T]: T[Key] }
type Shapes = Pick<typeof schema, Extract<keyof typeof schema, `${string}Shape`>>
type Outputs = { [Name in keyof Shapes]: Flat<z.output<Shapes[Name]>> }

test('every shape of the audit log has the fields of its entity, each of the same type, and no other', () => {
  expectTypeOf<Outputs['auditRecordShape']>().toEqualTypeOf<Flat<entity.AuditRecord>>()
  expectTypeOf<Outputs['checkpointShape']>().toEqualTypeOf<entity.Checkpoint>()
  expectTypeOf<Outputs['auditProofShape']>().toEqualTypeOf<entity.AuditProof>()
  expectTypeOf<Outputs['auditConsistencyShape']>().toEqualTypeOf<entity.AuditConsistency>()
})

test('no shape is left out above', () => {
  const listed = {
    auditRecordShape: 1,
    checkpointShape: 1,
    auditProofShape: 1,
    auditConsistencyShape: 1,
  } satisfies Record<keyof Shapes, 1>
  expect(
    Object.keys(schema)
      .filter((name) => name.endsWith('Shape'))
      .sort(),
  ).toEqual(Object.keys(listed).sort())
})
