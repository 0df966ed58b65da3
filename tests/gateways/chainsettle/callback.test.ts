import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCallback } from '../../../server/gateways/chainsettle/read-callback.ts'
import { callbackTolerance, verifyCallback } from '../../../server/gateways/chainsettle/verify-callback.ts'

const secret = Buffer.from('a secret of the tests')
const now = new Date('2026-05-01T10:00:00Z')
const seconds = now.getTime() / 1000
const idHash = `0x${'ab'.repeat(32)}` as const
const body = Buffer.from(JSON.stringify({ id_hash: idHash, status: 'completed', event_id: 'event-1' }))

const signatureOf = (text: Buffer, time: number, key = secret) =>
  createHmac('sha256', key).update(`${time}.`).update(text).digest('hex')
const headerOf = (text: Buffer, time = seconds, key = secret) => `t=${time},v1=${signatureOf(text, time, key)}`

test('a callback names a settlement, with 0x before it or without, and maybe itself', () => {
  expect(readCallback(body)).toEqual({ idHash, eventId: 'event-1' })
  const bare = Buffer.from(JSON.stringify({ id_hash: 'AB'.repeat(32), status: 'completed' }))
  expect(readCallback(bare)).toEqual({ idHash, eventId: null })
})

test.each([
  '',
  'null',
  '[]',
  '{"id_hash":"0x1234"}',
  '{"id_hash":7}',
  '{"status":"completed"}',
  '{"id_hash"',
  JSON.stringify({ id_hash: `${idHash}00` }),
  JSON.stringify({ id_hash: idHash, event_id: '' }),
])('%j is no callback', (text) => {
  expect(readCallback(Buffer.from(text))).toBeNull()
})

test('property: nothing that comes in throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        const read = readCallback(Buffer.from(bytes))
        expect(read === null || /^0x[0-9a-f]{64}$/.test(read.idHash)).toBe(true)
      },
    ),
  )
})

test('a signature holds for its body, its time and its secret', () => {
  expect(verifyCallback(body, headerOf(body), secret, now)).toEqual({ ok: true, sentAt: now })
  const rotated = `${headerOf(body, seconds, Buffer.from('the former secret'))},v1=${signatureOf(body, seconds)}`
  expect(verifyCallback(body, rotated, secret, now).ok).toBe(true)

  const refused = (header: string | undefined, text = body) => {
    const verdict = verifyCallback(text, header, secret, now)
    return verdict.ok ? null : verdict.reason
  }
  expect(refused(undefined)).toBe('not_signed')
  expect(refused('')).toBe('not_signed')
  expect(refused(`v1=${signatureOf(body, seconds)}`)).toBe('bad_timestamp')
  expect(refused(`t=soon,v1=${signatureOf(body, seconds)}`)).toBe('bad_timestamp')
  expect(refused(headerOf(body), Buffer.from(`${body} `))).toBe('bad_signature')
  expect(refused(headerOf(body, seconds, Buffer.from('another secret')))).toBe('bad_signature')
  expect(refused(`t=${seconds + 1},v1=${signatureOf(body, seconds)}`)).toBe('bad_signature')
  expect(refused(`t=${seconds}`)).toBe('bad_signature')
  expect(refused(`t=${seconds},v1=`)).toBe('bad_signature')
  expect(refused(`t=${seconds},v1=not hexadecimal`)).toBe('bad_signature')
  expect(refused(`t=${seconds},v0=${signatureOf(body, seconds)}`)).toBe('bad_signature')
})

test.each([
  [-callbackTolerance, true],
  [callbackTolerance, true],
  [-callbackTolerance - 1, false],
  [callbackTolerance + 1, false],
])('signed %i seconds from now', (offset, ok) => {
  const verdict = verifyCallback(body, headerOf(body, seconds + offset), secret, now)
  expect(verdict).toMatchObject(ok ? { ok } : { ok, reason: 'too_old' })
})

test('property: no byte of the body can be changed', () => {
  fc.assert(
    fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = Buffer.from(body)
      changed[at] = changed[at]! ^ change
      expect(verifyCallback(changed, headerOf(body), secret, now).ok).toBe(false)
    }),
  )
})
