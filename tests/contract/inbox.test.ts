import { expect, expectTypeOf, test } from 'vitest'
import type * as z from 'zod'
import type * as entity from '../../server/contract/inbox.ts'
import * as schema from '../../server/schemas/inbox.ts'

// The types of this file are checked by `tsc`, with everything else in `npm run check`.

type Flat<T> = { [Key in keyof T]: T[Key] }
type Shapes = Pick<typeof schema, Extract<keyof typeof schema, `${string}Shape`>>
type Outputs = { [Name in keyof Shapes]: Flat<z.output<Shapes[Name]>> }

test('every shape of the inbox has the fields of its entity, each of the same type, and no other', () => {
  expectTypeOf<Outputs['inboxWebhookShape']>().toEqualTypeOf<entity.InboxWebhook>()
  expectTypeOf<Outputs['inboxWebhookBodyShape']>().toEqualTypeOf<Flat<entity.InboxWebhookBody>>()
  expectTypeOf<z.output<typeof schema.inboxState>>().toEqualTypeOf<entity.InboxState>()
})

test('no shape is left out above', () => {
  const listed = { inboxWebhookShape: 1, inboxWebhookBodyShape: 1 } satisfies Record<keyof Shapes, 1>
  expect(
    Object.keys(schema)
      .filter((name) => name.endsWith('Shape'))
      .sort(),
  ).toEqual(Object.keys(listed).sort())
})
