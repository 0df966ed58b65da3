import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hmac } from '../../../server/gateways/webhooks/hmac.ts'
import { tolerance } from '../../../server/gateways/webhooks/verify.ts'

const secret = Buffer.from('a secret of the tests')
const next = Buffer.from('the next secret of the tests')
const now = Date.parse('2026-05-01T10:00:00Z')
const seconds = now / 1000
const body = Buffer.from('{"id": "event-1", "type": "inquiry.completed"}')

const digestOf = (text: Buffer, time: number | string = seconds, key = secret) =>
  createHmac('sha256', key).update(`${time}.`).update(text).digest('hex')
const signed = (text: Buffer = body, time: number | string = seconds, key = secret) =>
  `t=${time},v1=${digestOf(text, time, key)}`

interface Given {
  header?: string[] | undefined
  body?: Buffer
  keys?: Buffer[]
  idField?: string | null
}
const verify = (given: Given) => {
  const { header = [signed(given.body)], keys = [secret], idField = null } = given
  return hmac({ keys, header: 'persona-signature', idField })(
    { headers: { 'persona-signature': header }, body: given.body ?? body },
    now,
  )
}

const refused: Record<string, [Given, string]> = {
  'no header': [{ header: [] }, 'missing_headers'],
  'an empty header': [{ header: [''] }, 'missing_headers'],
  'the header twice, both good': [{ header: [signed(), signed()] }, 'missing_headers'],
  'no time': [{ header: [`v1=${digestOf(body)}`] }, 'bad_timestamp'],
  'two times': [{ header: [`t=${seconds},${signed()}`] }, 'bad_timestamp'],
  'a time that is none': [{ header: [signed(body, 'soon')] }, 'bad_timestamp'],
  'a time before 1970': [{ header: [signed(body, -seconds)] }, 'bad_timestamp'],
  'a time in milliseconds': [{ header: [signed(body, now)] }, 'bad_timestamp'],
  'a time in parts of seconds': [{ header: [signed(body, `${seconds}.5`)] }, 'bad_timestamp'],
  'an old delivery': [{ header: [signed(body, seconds - 301)] }, 'too_old'],
  'a delivery from the future': [{ header: [signed(body, seconds + 301)] }, 'too_old'],
  'another time': [{ header: [`t=${seconds + 1},v1=${digestOf(body)}`] }, 'bad_signature'],
  'no signature': [{ header: [`t=${seconds}`] }, 'bad_signature'],
  'an empty signature': [{ header: [`t=${seconds},v1=`] }, 'bad_signature'],
  'no hexadecimal': [{ header: [`t=${seconds},v1=not hexadecimal`] }, 'bad_signature'],
  'a signature in base64': [
    { header: [`t=${seconds},v1=${Buffer.from(digestOf(body), 'hex').toString('base64')}`] },
    'bad_signature',
  ],
  'another version': [{ header: [`t=${seconds},v0=${digestOf(body)}`] }, 'bad_signature'],
  'a signature cut short': [{ header: [signed().slice(0, -2)] }, 'bad_signature'],
  'a signature with more behind it': [{ header: [`${signed()}zz`] }, 'bad_signature'],
  'a signature of another secret': [{ header: [signed(body, seconds, next)] }, 'bad_signature'],
  'two signatures, neither good': [
    { header: [`${signed(body, seconds, next)},v1=${'0'.repeat(64)}`] },
    'bad_signature',
  ],
  'a signature of the bare body': [
    { header: [`t=${seconds},v1=${createHmac('sha256', secret).update(body).digest('hex')}`] },
    'bad_signature',
  ],
  'another body': [{ header: [signed()], body: Buffer.from('{}') }, 'bad_signature'],
  'the body encoded anew': [
    { header: [signed()], body: Buffer.from(JSON.stringify(JSON.parse(body.toString()))) },
    'bad_signature',
  ],
  'no body': [{ header: [signed()], body: Buffer.alloc(0) }, 'bad_signature'],
  'no secret': [{ keys: [] }, 'bad_signature'],
  'an empty secret': [{ header: [signed(body, seconds, Buffer.alloc(0))] }, 'bad_signature'],
}

test.each(Object.keys(refused))('refused: %s', (name) => {
  const [given, reason] = refused[name]!
  expect(verify(given)).toEqual({ ok: false, reason })
})

test('either secret is good while one replaces the other, and one good signature among several is enough', () => {
  for (const key of [secret, next])
    expect(verify({ keys: [secret, next], header: [signed(body, seconds, key)] })).toMatchObject({ ok: true })
  const several = `t=${seconds}, v1=${digestOf(body, seconds, next)}, v1=${digestOf(body).toUpperCase()}, v0=x`
  expect(verify({ header: [several] })).toMatchObject({ ok: true, sentAt: new Date(now) })
})

test.each([-tolerance, 0, tolerance])('signed %i seconds from now', (offset) => {
  expect(verify({ header: [signed(body, seconds + offset)] })).toMatchObject({ ok: true })
})

test('an event is known by the field that names it, or else by what was signed', () => {
  const idOf = (text: Buffer, idField: string | null) => {
    const verdict = verify({ body: text, idField })
    return verdict.ok ? verdict.id : null
  }
  const hashOf = (text: Buffer) => `sha256:${createHash('sha256').update(`${seconds}.`).update(text).digest('hex')}`
  expect(idOf(body, 'id')).toBe('event-1')
  expect(idOf(Buffer.from('{"n":17}'), 'n')).toBe('17')
  expect(idOf(body, null)).toBe(hashOf(body))
  // what is no name, or could be that of two events
  for (const text of ['hello', 'null', '{}', '{"id":""}', '{"id":"a b"}', '{"id":{}}', '{"id":12345678901234567890}']) {
    const bytes = Buffer.from(text)
    expect(idOf(bytes, 'id')).toBe(hashOf(bytes))
  }
})

test('property: no byte of the body can be changed', () => {
  fc.assert(
    fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = Buffer.from(body)
      changed[at] = changed[at]! ^ change
      expect(verify({ header: [signed()], body: changed }).ok).toBe(false)
    }),
  )
})
