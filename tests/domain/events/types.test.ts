import { expect, test } from 'vitest'
import { eventTypes, typesNamed } from '../../../server/domain/events/types.ts'

const named = (...names: string[]) => [...typesNamed(names)].sort()

test('types are named in full, by their object, by what happened, or all at once', () => {
  expect(named('payment.settled')).toEqual(['payment.settled'])
  expect(named('wallet.*')).toEqual(['wallet.created', 'wallet.linked'])
  expect(named('*.attention')).toEqual(['operation.attention', 'payment.attention', 'purchase.attention'])
  expect(named('wallet.*', 'wallet.created', 'hold.placed')).toEqual(['hold.placed', 'wallet.created', 'wallet.linked'])
  expect(named('*')).toEqual([...new Set<string>(Object.values(eventTypes).flat())].sort())
  expect(named('*.*')).toEqual(named('*'))
})

test('what names nothing names nothing', () => {
  for (const name of [
    '',
    '.',
    'payment',
    'payment.',
    'payment.paid',
    'pay*',
    'payment.*.*',
    '*.',
    '.*',
    'wallet.crea*',
    'toString',
    '**',
  ])
    expect(named(name), name).toEqual([])
})
