import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type HeaderPrefix,
  readWebhookSecret,
  signatureOf,
  standardWebhooks,
} from '../../../server/gateways/webhooks/standard-webhooks.ts'
import { tolerance } from '../../../server/gateways/webhooks/verify.ts'

/** As the documentation of Svix and the libraries of Standard Webhooks publish them: the schemes differ in the names of headers alone. */
const published = [
  {
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: '1614265330',
    body: '{"test": 2432232314}',
    signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  {
    secret: 'whsec_plJ3nmyCDGBKInavdOK15jsl',
    id: 'msg_loFOjxBNrRLzqYUf',
    timestamp: '1731705121',
    body: '{"event_type":"ping","data":{"success":true}}',
    signature: 'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=',
  },
]

const { secret, id, timestamp, signature } = published[0]!
const body = Buffer.from(published[0]!.body)
const key = readWebhookSecret(secret)
const oldKey = readWebhookSecret(`whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`)
const now = Number(timestamp) * 1000

interface Given {
  id?: string[]
  timestamp?: string[]
  signature?: string[]
  body?: Buffer
  keys?: Buffer[]
}

describe.each<HeaderPrefix>(['webhook', 'svix'])('%s-…', (prefix) => {
  const verify = (given: Given = {}) => {
    const headers = {
      [`${prefix}-id`]: given.id ?? [id],
      [`${prefix}-timestamp`]: given.timestamp ?? [timestamp],
      [`${prefix}-signature`]: given.signature ?? [signature],
    }
    return standardWebhooks(given.keys ?? [key], prefix)({ headers, body: given.body ?? body }, now)
  }
  const signed = (using: Buffer, of: { id?: string; timestamp?: string; body?: Buffer } = {}) =>
    signatureOf(using, of.id ?? id, of.timestamp ?? timestamp, of.body ?? body)

  test.each(published)('the published $id verifies, and is what we would sign', (vector) => {
    const bytes = Buffer.from(vector.body)
    const headers = {
      [`${prefix}-id`]: [vector.id],
      [`${prefix}-timestamp`]: [vector.timestamp],
      [`${prefix}-signature`]: [vector.signature],
    }
    const itsKey = readWebhookSecret(vector.secret)
    const at = Number(vector.timestamp) * 1000
    expect(signatureOf(itsKey, vector.id, vector.timestamp, bytes)).toBe(vector.signature)
    const verdict = standardWebhooks([itsKey], prefix)({ headers, body: bytes }, at)
    expect(verdict).toEqual({ ok: true, id: vector.id, sentAt: new Date(at) })
  })

  const refused: Record<string, [Given, string]> = {
    'no id': [{ id: [] }, 'missing_headers'],
    'an empty id': [{ id: [''] }, 'missing_headers'],
    'the id twice': [{ id: [id, id] }, 'missing_headers'],
    'another id': [{ id: ['msg_other'] }, 'bad_signature'],
    'the id in another case': [{ id: [id.toLowerCase()] }, 'bad_signature'],
    'an id with a space': [{ id: ['msg 1'], signature: [signed(key, { id: 'msg 1' })] }, 'bad_id'],
    'an id of 256 characters': [{ id: ['m'.repeat(256)], signature: [signed(key, { id: 'm'.repeat(256) })] }, 'bad_id'],
    'an id beyond ASCII': [{ id: ['mßg'], signature: [signed(key, { id: 'mßg' })] }, 'bad_id'],
    'no time': [{ timestamp: [] }, 'missing_headers'],
    'the time twice': [{ timestamp: [timestamp, timestamp] }, 'missing_headers'],
    'a time that is none': [{ timestamp: ['yesterday'] }, 'bad_timestamp'],
    'a time in parts of seconds': [{ timestamp: [`${timestamp}.5`] }, 'bad_timestamp'],
    'a time before 1970': [{ timestamp: [`-${timestamp}`] }, 'bad_timestamp'],
    'a time in powers of ten': [{ timestamp: ['1e9'] }, 'bad_timestamp'],
    'a time in milliseconds': [{ timestamp: [`${timestamp}000`] }, 'bad_timestamp'],
    'another time': [{ timestamp: [`${Number(timestamp) + 1}`] }, 'bad_signature'],
    'an old delivery': [
      {
        timestamp: [`${Number(timestamp) - 301}`],
        signature: [signed(key, { timestamp: `${Number(timestamp) - 301}` })],
      },
      'too_old',
    ],
    'a delivery from the future': [
      {
        timestamp: [`${Number(timestamp) + 301}`],
        signature: [signed(key, { timestamp: `${Number(timestamp) + 301}` })],
      },
      'too_old',
    ],
    'no signature': [{ signature: [] }, 'missing_headers'],
    'an empty signature': [{ signature: [''] }, 'missing_headers'],
    'two headers with a signature, both good': [{ signature: [signature, signature] }, 'missing_headers'],
    'a signature of another secret': [{ signature: [signed(oldKey)] }, 'bad_signature'],
    'two signatures, neither good': [{ signature: [`${signed(oldKey)} v1,AAAA`] }, 'bad_signature'],
    'another version': [{ signature: [signature.replace('v1,', 'v2,')] }, 'bad_signature'],
    'the asymmetric version': [{ signature: [signature.replace('v1,', 'v1a,')] }, 'bad_signature'],
    'no version': [{ signature: [signature.slice(3)] }, 'bad_signature'],
    'signatures between commas': [{ signature: [`v1,AAAA,${signature}`] }, 'bad_signature'],
    'a signature cut short': [{ signature: [signature.slice(0, -2)] }, 'bad_signature'],
    'a signature with more behind it': [{ signature: [`${signature}AAAA`] }, 'bad_signature'],
    'a signature in hex': [
      { signature: [`v1,${Buffer.from(signature.slice(3), 'base64').toString('hex')}`] },
      'bad_signature',
    ],
    'a signature of the bare body': [{ signature: [signatureOf(key, '', '', body)] }, 'bad_signature'],
    'another body': [{ body: Buffer.from('{"test": 2432232315}') }, 'bad_signature'],
    'the body encoded anew': [{ body: Buffer.from(JSON.stringify(JSON.parse(body.toString()))) }, 'bad_signature'],
    'the body with a line end': [{ body: Buffer.from(`${body}\n`) }, 'bad_signature'],
    'no body': [{ body: Buffer.alloc(0) }, 'bad_signature'],
    'no secret': [{ keys: [] }, 'bad_signature'],
    'an empty secret': [{ keys: [key], signature: [signed(Buffer.alloc(0))] }, 'bad_signature'],
    'the text of the secret in place of its bytes': [{ signature: [signed(Buffer.from(secret))] }, 'bad_signature'],
  }

  test.each(Object.keys(refused))('refused: %s', (name) => {
    const [given, reason] = refused[name]!
    expect(verify(given)).toEqual({ ok: false, reason })
  })

  test('headers of the other name are no headers', () => {
    const other = prefix === 'svix' ? 'webhook' : 'svix'
    const headers = { [`${other}-id`]: [id], [`${other}-timestamp`]: [timestamp], [`${other}-signature`]: [signature] }
    expect(standardWebhooks([key], prefix)({ headers, body }, now)).toEqual({ ok: false, reason: 'missing_headers' })
  })

  test('either secret is good while one replaces the other, and one good signature among several is enough', () => {
    for (const one of [signed(key), signed(oldKey)])
      expect(verify({ keys: [key, oldKey], signature: [one] })).toMatchObject({ ok: true, id })
    for (const several of [
      `${signed(oldKey)} ${signature}`,
      `${signature} ${signed(oldKey)}`,
      `v1a,x  ${signature} v1,AA`,
    ])
      expect(verify({ signature: [several] })).toMatchObject({ ok: true, id })
  })

  test.each([-tolerance, -1, 0, 1, tolerance])('signed %i seconds from now', (offset) => {
    const time = `${Number(timestamp) + offset}`
    expect(verify({ timestamp: [time], signature: [signed(key, { timestamp: time })] })).toMatchObject({ ok: true })
  })

  test('property: no byte of body, id or time can be changed', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom('body', 'id', 'timestamp'),
        (place, change, what) => {
          const other = Buffer.from(body)
          other[place % other.length]! ^= change
          const given: Record<typeof what, Given> = {
            body: { body: other },
            id: { id: [`${id}x`] },
            timestamp: { timestamp: [`${Number(timestamp) + 1 + (place % 200)}`] },
          }
          expect(verify(given[what])).toEqual({ ok: false, reason: 'bad_signature' })
        },
      ),
    )
  })

  test('bytes that are no text are signed as bytes', () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x80])
    expect(verify({ body: bytes, signature: [signed(key, { body: bytes })] })).toMatchObject({ ok: true })
  })
})

test.each(['', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_', 'whsec_c2hvcnQ=', 'whsec_not base64 at all!'])(
  'secret %j is refused at the start',
  (text) => {
    expect(() => readWebhookSecret(text)).toThrow('A webhook secret is whsec_')
  },
)
