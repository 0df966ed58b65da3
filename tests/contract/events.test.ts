import { expect, expectTypeOf, test } from 'vitest'
import type * as z from 'zod'
import type { EventPage, EventType, ObjectType, ServiceEvent } from '../../server/contract/events.ts'
import { sampleOf } from '../../server/domain/events/samples.ts'
import { eventTypes, typesNamed } from '../../server/domain/events/types.ts'
import { type eventPage, writtenEvent } from '../../server/schemas/events.ts'

// The types of this file are checked by `tsc`, with everything else in `npm run check`.

test('what is written has the types of the contract', () => {
  expectTypeOf<z.output<typeof writtenEvent>>().toEqualTypeOf<ServiceEvent>()
  expectTypeOf<z.output<typeof eventPage>>().toEqualTypeOf<EventPage>()
})

test('what an event says is known by its type', () => {
  const amountOf = (event: ServiceEvent) => (event.type === 'payment.settled' ? event.data.amount : null)
  expectTypeOf(amountOf).returns.toEqualTypeOf<string | null>()
  const about = (event: ServiceEvent) =>
    event.type === 'transaction.submitted' && event.objectType === 'operation' ? event.data.tokenId : null
  expectTypeOf(about).returns.toEqualTypeOf<string | null>()
  // @ts-expect-error of which of the two it is, the type does not say
  const neither = (event: ServiceEvent) => (event.type === 'transaction.submitted' ? event.data.tokenId : null)
  expect(neither).toBeTypeOf('function')
})

test('every type of the contract is one that can be asked for, and no other', () => {
  expectTypeOf<(typeof eventTypes)[ObjectType][number]>().toEqualTypeOf<EventType>()
  const all = Object.values(eventTypes).flat()
  expect(typesNamed(all)).toEqual(new Set(all))
})

test('a sample of each type is an event of it', () => {
  for (const type of Object.values(eventTypes).flat()) {
    const sample = sampleOf(type, new Date())
    expect(writtenEvent.parse(sample)).toEqual(sample)
    expect(sample).toMatchObject({ type, position: 0n })
  }
})
