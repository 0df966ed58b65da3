import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCallback } from '../../../server/gateways/chainsettle/read-callback.ts'
import { signatureHeader, verifyCallback } from '../../../server/gateways/chainsettle/verify-callback.ts'

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

const verify = (delivery: { text?: Buffer; signature?: string }, keys = [secret]) => {
  const { text = body, signature } = delivery
  const headers = { [signatureHeader]: signature === undefined ? undefined : [signature] }
  return verifyCallback(keys)({ headers, body: text }, now.getTime())
}

test('what is signed is known by its own name for itself, or else by what was signed', () => {
  expect(verify({ signature: headerOf(body) })).toEqual({ ok: true, id: 'event-1', sentAt: now })
  const nameless = Buffer.from(JSON.stringify({ id_hash: idHash }))
  const [one, two] = [seconds, seconds + 1].map((time) =>
    verify({ text: nameless, signature: headerOf(nameless, time) }),
  )
  expect(one).toMatchObject({ ok: true, id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) })
  expect(two).not.toMatchObject({ id: one!.ok && one!.id })
  expect(verify({ text: nameless, signature: headerOf(nameless) })).toEqual(one)
})

test('with keys, what is not signed with one of them is refused', () => {
  expect(verify({ signature: headerOf(body) }, [Buffer.from('the next secret'), secret])).toMatchObject({ ok: true })
  expect(verify({})).toEqual({ ok: false, reason: 'missing_headers' })
  expect(verify({ signature: headerOf(body, seconds, Buffer.from('another secret')) })).toEqual({
    ok: false,
    reason: 'bad_signature',
  })
})

test('without keys anybody may call, and nobody stands in the way of another under the same name', () => {
  const [one, two] = [verify({}, []), verify({}, [])]
  expect([one, two]).toMatchObject([{ ok: true }, { ok: true }])
  expect(one).not.toEqual(two)
  for (const text of ['hello', '{}']) {
    expect(verify({ text: Buffer.from(text) }, [])).toEqual({ ok: false, reason: 'unreadable' })
    const signature = headerOf(Buffer.from(text))
    expect(verify({ text: Buffer.from(text), signature })).toEqual({ ok: false, reason: 'unreadable' })
  }
})
