import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createOutbound, type OutboundOptions } from '../../../server/gateways/outbound/create-outbound.ts'
import { startReceiver } from '../../support/receiver.ts'

/** Whatever reached this machine: nothing may. */
let reached = 0
let port: number
const servers = ['127.0.0.1', '::1'].map((host) => {
  const server = createServer((_request, response) => response.end('inside'))
  server.on('connection', () => reached++)
  return { host, server }
})
beforeAll(async () => {
  for (const { host, server } of servers)
    await new Promise<void>((resolve) => server.listen(port ?? 0, host, () => resolve())).then(() => {
      port = (server.address() as AddressInfo).port
    })
})
afterAll(() => {
  for (const { server } of servers) server.close()
})

const production = (options: Partial<OutboundOptions> = {}) =>
  createOutbound({ targets: 'public', timeout: 2_000, ...options })

const bodies = { headers: { 'content-type': 'application/json' }, body: '{}' }

/** Sends as production does, and says how it ended. */
async function sent(url: string, options: Partial<OutboundOptions> = {}): Promise<string> {
  const outbound = production(options)
  const ended = await outbound.post({ url, ...bodies }).then(
    ({ status }) => String(status),
    (error: { reason: string }) => error.reason,
  )
  outbound.close()
  return ended
}

describe('in production nothing is sent', () => {
  const hosts = [
    ...['127.0.0.1', '127.1', '127.0.1', '0.0.0.0', '0', '10.0.0.1', '172.16.0.1', '192.168.0.1', '169.254.169.254'],
    ...['100.64.0.1', '224.0.0.1', '255.255.255.255', '192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1'],
    // the same in decimal, octal and hexadecimal, whole and in parts, and with other digits
    ...['2130706433', '017700000001', '0x7f000001', '0x7f.0.0.1', '0177.0.0.1', '0x7f.1', '127.0.0.0x1', '0xa9fea9fe'],
    ...['2852039166', '①②⑦.0.0.1', '127。0。0。1', '%31%32%37.0.0.1'],
    ...['[::1]', '[::]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]'],
    ...['[64:ff9b::7f00:1]', '[64:ff9b::a9fe:a9fe]', '[2002:7f00:1::]', '[fe80::1]', '[fc00::1]', '[fd00:ec2::254]'],
    ...['[ff02::1]', '[2001::1]', '[2001:db8::1]', '[::ffff:0:127.0.0.1]', '[100::1]'],
    ...[
      'localhost',
      'LOCALHOST',
      'localhost.',
      'a.localhost',
      '127.0.0.1.',
      'example.org.',
      'intranet',
      'printer.local',
    ],
    ...['metadata.google.internal', 'db.internal', 'router.lan', 'x.home.arpa', 'wiki.corp'],
  ]
  test.for(hosts)('to https://%s', async (host) => {
    const url = `https://${host}:${port}/`
    expect(production().refuse(url)).not.toBeNull()
    expect(await sent(url)).toBe('target_refused')
  })

  test.for([
    'http://example.org/',
    'ftp://example.org/',
    'file:///etc/passwd',
    'https://user@example.org/',
    'https://user:password@example.org/',
    'https://:password@example.org/',
    'https://example.org:25/',
    'https://example.org:22/',
    'https://example.org:80/',
    'https://example.org:0/',
    'https://exa mple.org/',
    'https://',
    '//example.org',
    'example.org',
    '',
  ])('to %s', async (url) => {
    expect(production().refuse(url)).not.toBeNull()
    expect(await sent(url)).toBe('target_refused')
  })

  const inside = ['127.0.0.1', '::1', '10.1.2.3', '169.254.169.254', '::ffff:127.0.0.1', '64:ff9b::7f00:1', '0.0.0.0']
  test.for(inside)('to a name that stands for %s', async (address) => {
    const resolve = async () => [{ address, family: address.includes(':') ? 6 : 4 }]
    expect(await sent(`https://hooks.example.org:${port}/`, { resolve })).toBe('target_refused')
  })

  test('to a name of which one address of many is inside', async () => {
    const resolve = async () => [
      { address: '1.1.1.1', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]
    expect(await sent(`https://hooks.example.org:${port}/`, { resolve })).toBe('target_refused')
  })

  test('to a name that stands for nothing', async () => {
    expect(await sent(`https://hooks.example.org:${port}/`, { resolve: async () => [] })).toBe('not_found')
  })

  test.for(['127.0.0.1', '::1'])(
    'to a name whose server says something else every time it is asked, %s then',
    async (then) => {
      await using names = await startNameServer((question) => (question % 2 === 0 ? ['203.0.113.9'] : [then]))
      const ends = new Set<string>()
      for (let count = 0; count < 6; count++)
        ends.add(await sent(`https://hooks.example.org:${port}/`, { resolve: names.resolve }))
      expect([...ends]).toEqual(['target_refused'])
    },
  )

  test('to an address that has become another since it was checked: nothing but the greeting of TLS', async () => {
    const records: Buffer[] = []
    const server = createTcpServer((socket) => socket.on('data', (chunk) => records.push(chunk)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const closed = new Promise<void>((resolve) =>
      server.once('connection', (socket) => socket.once('close', () => resolve())),
    )
    let looks = 0
    const turning = {
      get address() {
        return looks++ === 0 ? '1.1.1.1' : '127.0.0.1'
      },
      family: 4,
    }
    const url = `https://hooks.example.org:${(server.address() as AddressInfo).port}/`
    expect(await sent(url, { resolve: async () => [turning] })).toBe('target_refused')
    await closed
    server.close()
    expect(Buffer.concat(records).toString('latin1')).not.toMatch(/POST|application/)
  })

  test('wherever a redirect leads', async () => {
    // as a sandbox sends, so that there is an answer from this machine at all
    await using receiver = await startReceiver((response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end(),
    )
    const outbound = createOutbound({ targets: 'any', timeout: 2_000 })
    expect(await outbound.post({ url: receiver.url, ...bodies })).toMatchObject({ status: 307 })
    outbound.close()
  })

  test('and so nothing has reached this machine', () => {
    expect(reached).toBe(0)
  })
})

test('a name is asked for once, and the connection goes where that answer said', async () => {
  await using receiver = await startReceiver()
  await using names = await startNameServer((question) => (question === 0 ? ['127.0.0.1'] : ['127.0.0.9']))
  const outbound = createOutbound({ targets: 'any', timeout: 2_000, resolve: names.resolve })
  const url = receiver.url.replace('127.0.0.1', 'hooks.example.org')
  expect(await outbound.post({ url, ...bodies })).toMatchObject({ status: 204 })
  outbound.close()
  expect(names.asked()).toBe(1)
  expect(receiver.received[0]!.headers.host).toBe(new URL(url).host)
})

describe('what is sent in a sandbox', () => {
  const send = async (url: string, timeout = 500) => {
    const outbound = createOutbound({ targets: 'any', timeout })
    try {
      return await outbound.post({ url, ...bodies })
    } finally {
      outbound.close()
    }
  }

  test('comes with its host and its body, and the beginning of the answer is read', async () => {
    await using receiver = await startReceiver((response) => response.writeHead(418).end('ä'.repeat(5_000)))
    const { status, excerpt } = await send(receiver.url)
    expect(status).toBe(418)
    expect(excerpt).toBe('ä'.repeat(1_000))
    expect(receiver.received).toMatchObject([{ body: '{}', headers: { host: new URL(receiver.url).host } }])
  })

  test('and is not answered in time, has timed out', async () => {
    await using receiver = await startReceiver(() => {})
    await expect(send(receiver.url, 100)).rejects.toMatchObject({ reason: 'timeout' })
  })

  test('and whose answer never ends, counts by its status', async () => {
    await using receiver = await startReceiver((response) => response.writeHead(200).write('so far'))
    expect(await send(receiver.url, 200)).toEqual({ status: 200, excerpt: 'so far' })
  })

  test('where nobody listens, is refused', async () => {
    const gone = await startReceiver()
    await gone[Symbol.asyncDispose]()
    await expect(send(gone.url)).rejects.toMatchObject({ reason: 'refused' })
  })

  const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
  test.for<[string, string, (socket: Socket) => void]>([
    ['another protocol', 'reset', (socket) => socket.write(upgrade)],
    ['the end of the connection', 'reset', (socket) => socket.end()],
    ['half a status line', 'reset', (socket) => socket.end('HTTP/1.1 20')],
    ['100 Continue and nothing else', 'timeout', (socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n')],
  ])('and gets %s for an answer, ends: %s', async ([, reason, answer]) => {
    await using server = await startTcpServer((socket) => socket.once('data', () => answer(socket)))
    await expect(send(server.url, 300)).rejects.toMatchObject({ reason })
  })

  test('and meets a connection that is closed before anything is read, ends: reset', async () => {
    await using server = await startTcpServer((socket) => socket.destroy())
    await expect(send(server.url, 300)).rejects.toMatchObject({ reason: 'reset' })
  })

  test('over a connection that was kept and is closed meanwhile, is sent again', async () => {
    const seen = new Set<Socket>()
    await using server = await startTcpServer((socket) =>
      socket.on('data', () => {
        if (seen.has(socket)) socket.destroy()
        else socket.write('HTTP/1.1 204 No Content\r\n\r\n')
        seen.add(socket)
      }),
    )
    const outbound = createOutbound({ targets: 'any', timeout: 2_000 })
    for (let count = 0; count < 2; count++)
      expect(await outbound.post({ url: server.url, ...bodies })).toMatchObject({ status: 204 })
    outbound.close()
    expect(seen.size).toBe(2)
  })
})

/** A server of this machine that knows nothing of HTTP. */
async function startTcpServer(meet: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    meet(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** A name server of this machine: `answer` gives the addresses by the number of the question for IPv4 or IPv6. */
async function startNameServer(answer: (question: number) => string[]) {
  let asked = 0
  const server = createSocket('udp4')
  server.on('message', (query, { port: from, address }) => {
    const end = query.indexOf(0, 12) + 5
    const type = query.readUInt16BE(end - 4)
    const found = answer(type === 1 ? asked : asked - 1).filter((each) => each.includes(':') === (type === 28))
    if (type === 1) asked++
    const head = Buffer.from(query.subarray(0, end))
    head.writeUInt16BE(0x8180, 2)
    head.writeUInt16BE(found.length, 6)
    head.writeUInt16BE(0, 10)
    const records = found.map((each) => {
      const data =
        type === 1 ? Buffer.from(each.split('.').map(Number)) : Buffer.concat([Buffer.alloc(15), Buffer.of(1)])
      const fixed = Buffer.alloc(12)
      fixed.writeUInt16BE(0xc00c, 0)
      fixed.writeUInt16BE(type, 2)
      fixed.writeUInt16BE(1, 4)
      fixed.writeUInt16BE(data.length, 10)
      return Buffer.concat([fixed, data])
    })
    server.send(Buffer.concat([head, ...records]), from, address)
  })
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve))
  const resolver = new Resolver({ timeout: 500, tries: 1 })
  resolver.setServers([`127.0.0.1:${server.address().port}`])
  return {
    asked: () => asked,
    async resolve(host: string) {
      const four = await resolver.resolve4(host).catch(() => [])
      const six = await resolver.resolve6(host).catch(() => [])
      return [...four.map((address) => ({ address, family: 4 })), ...six.map((address) => ({ address, family: 6 }))]
    },
    async [Symbol.asyncDispose]() {
      resolver.cancel()
      server.close()
    },
  }
}
