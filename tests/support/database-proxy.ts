import { connect, createServer, type Socket } from 'node:net'

/** What the proxy does with one statement, instead of passing it and its answer on. */
export type Fault =
  | 'drop-before' // the connection breaks and the server never sees it
  | 'drop-after' // the server does it, then the connection breaks without an answer
  | 'ambiguous' // the server does it, the answer is 40003
  | 'retry' // the server does not do it, the answer is 40001

export interface Statement {
  sql: string
  isCommit: boolean
  /** How many statements that commit, this one included, came through before. */
  commits: number
}

export interface DatabaseProxy extends AsyncDisposable {
  /** Like the URL given, through the proxy. */
  url: string
  /** How often each fault really happened. */
  injected: Record<Fault, number>
  /** Breaks every connection there is. */
  breakAll(): void
}

/** Stands between a client and PostgreSQL, reads the wire protocol and injects the faults that `plan` asks for. */
export async function databaseProxy(
  targetUrl: string,
  plan: (statement: Statement) => Fault | undefined,
): Promise<DatabaseProxy> {
  const target = new URL(targetUrl)
  const injected = { 'drop-before': 0, 'drop-after': 0, ambiguous: 0, retry: 0 }
  const sockets = new Set<Socket>()
  let commits = 0

  const decide = (sql: string) => {
    const isCommit = /^\s*commit\b/i.test(sql)
    if (isCommit) commits++
    const fault = plan({ sql, isCommit, commits })
    if (fault) injected[fault]++
    return fault
  }
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: Number(target.port), host: target.hostname, noDelay: true })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    }
    relay(client, upstream, decide)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const breakAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  const url = new URL(targetUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as { port: number }).port)
  return {
    url: url.href,
    injected,
    breakAll,
    [Symbol.asyncDispose]: async () => {
      breakAll()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function relay(client: Socket, upstream: Socket, decide: (sql: string) => Fault | undefined) {
  const breakBoth = () => {
    client.destroy()
    upstream.destroy()
  }
  for (const socket of [client, upstream]) socket.on('error', breakBoth).on('close', breakBoth)

  let status = 'I' // of the transaction: idle, in a Transaction, or in one that has an Error
  let whenAnswered: (() => void) | undefined // set: the server's answer is swallowed, then this runs
  upstream.on(
    'data',
    frames((message) => {
      if (message.type === 'Z') status = String.fromCharCode(message.bytes[5]!)
      if (!whenAnswered) {
        client.write(message.bytes)
      } else if (message.type === 'Z') {
        const run = whenAnswered
        whenAnswered = undefined
        run()
      }
    }),
  )

  const insteadOfAnswer = (run: () => void, request: Buffer) => {
    whenAnswered = run
    upstream.write(request)
  }
  const fail = (code: string, text: string) => client.write(Buffer.concat([errorResponse(code, text), ready(status)]))
  const inject: Record<Fault, (request: Buffer, sql: string) => void> = {
    'drop-before': breakBoth,
    'drop-after': (request) => insteadOfAnswer(breakBoth, request),
    ambiguous: (request) => insteadOfAnswer(() => fail('40003', 'result is ambiguous'), request),
    retry: (_request, sql) => {
      const answer = () => fail('40001', 'restart transaction')
      if (status === 'I') answer()
      else insteadOfAnswer(answer, query(/^\s*commit\b/i.test(sql) ? 'rollback' : 'select 1/0'))
    },
  }

  // a request is one Query message, or the messages of the extended protocol up to their Sync
  let request: Buffer[] = []
  let sql: string | undefined
  client.on(
    'data',
    frames((message) => {
      request.push(message.bytes)
      if (message.type === 'Q') sql = message.bytes.toString('utf8', 5, message.bytes.length - 1)
      if (message.type === 'P') sql = message.bytes.toString('utf8', message.bytes.indexOf(0, 5) + 1).split('\0')[0]
      if ('PBDEC'.includes(message.type || ' ')) return

      const bytes = Buffer.concat(request)
      const fault = sql === undefined ? undefined : decide(sql)
      if (fault) inject[fault](bytes, sql!)
      else upstream.write(bytes)
      request = []
      sql = undefined
    }, 'startup'),
  )
}

interface Message {
  /** One letter; empty for the first message of a client, which has none. */
  type: string
  bytes: Buffer
}

/** Cuts a stream of bytes into PostgreSQL's messages. */
function frames(onMessage: (message: Message) => void, begin?: 'startup') {
  let isStartup = begin === 'startup'
  let rest = Buffer.alloc(0)
  return (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const prefix = isStartup ? 0 : 1
      if (rest.length < prefix + 4) return
      const length = prefix + rest.readInt32BE(prefix)
      if (rest.length < length) return
      const message = { type: isStartup ? '' : String.fromCharCode(rest[0]!), bytes: rest.subarray(0, length) }
      rest = rest.subarray(length)
      isStartup = false
      onMessage(message)
    }
  }
}

function message(type: string, body: string): Buffer {
  const bytes = Buffer.alloc(5 + Buffer.byteLength(body))
  bytes.write(type, 0)
  bytes.writeInt32BE(bytes.length - 1, 1)
  bytes.write(body, 5)
  return bytes
}

const query = (sql: string) => message('Q', `${sql}\0`)
const ready = (status: string) => message('Z', status)
const errorResponse = (code: string, text: string) => message('E', `SERROR\0VERROR\0C${code}\0M${text}: injected\0\0`)
