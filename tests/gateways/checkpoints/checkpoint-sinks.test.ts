import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exportCheckpoints } from '../../../server/domain/audit/export-checkpoints.ts'
import { fileSink } from '../../../server/gateways/checkpoints/file-sink.ts'
import { urlSink } from '../../../server/gateways/checkpoints/url-sink.ts'
import { seal, writeTrail } from '../../domain/audit/support/trails.ts'
import { testDatabase } from '../../support/database.ts'

const line = (number: number) => ({ number, line: `${JSON.stringify({ number, filler: 'x'.repeat(300) })}\n` })
const numbersOf = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((each) => JSON.parse(each).number)

async function directory() {
  const path = await mkdtemp(join(tmpdir(), 'provider-checkpoints-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

test('a file is appended to; what comes again after a crash is not written twice', async () => {
  await using place = await directory()
  const path = join(place.path, 'checkpoints.jsonl')
  const sink = fileSink(path)
  await sink.put([1, 2, 3].map(line))
  await sink.put([2, 3, 4].map(line))
  await sink.put([line(4)])
  await fileSink(path).put(Array.from({ length: 30 }, (_, n) => line(n + 3)))
  expect(numbersOf(await readFile(path, 'utf8'))).toEqual(Array.from({ length: 32 }, (_, n) => n + 1))
})

test.each([1, 7, 200, 330])(
  'half a line that a crash left at the end of a file (%d bytes) is made whole',
  async (bytes) => {
    await using place = await directory()
    const path = join(place.path, 'checkpoints.jsonl')
    await fileSink(path).put([1, 2].map(line))
    await appendFile(path, line(3).line.slice(0, bytes).trimEnd())
    await fileSink(path).put([3, 4].map(line))
    expect(numbersOf(await readFile(path, 'utf8'))).toEqual([1, 2, 3, 4])
  },
)

test('a file that was taken away is begun anew, one that is no file of ours is left alone', async () => {
  await using place = await directory()
  const path = join(place.path, 'checkpoints.jsonl')
  await fileSink(path).put([1, 2].map(line))
  await rm(path)
  await fileSink(path).put([line(3)])
  expect(numbersOf(await readFile(path, 'utf8'))).toEqual([3])

  const foreign = join(place.path, 'notes.txt')
  await writeFile(foreign, 'my notes\n')
  await expect(fileSink(foreign).put([line(1)])).rejects.toThrow()
  expect(await readFile(foreign, 'utf8')).toBe('my notes\n')
  await expect(fileSink(join(place.path, 'none', 'x.jsonl')).put([line(1)])).rejects.toMatchObject({ code: 'ENOENT' })
})

/** A place that takes documents, and answers as it is told. */
async function keeper(answer: (number: number, attempt: number) => number | 'hang' | 'redirect') {
  const taken: { number: number; headers: IncomingHttpHeaders; body: string }[] = []
  let attempts = 0
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const { number } = JSON.parse(body)
    const status = answer(number, ++attempts)
    if (status === 'hang') return
    if (status === 'redirect') return response.writeHead(302, { location: '/elsewhere' }).end()
    if (status < 300) taken.push({ number, headers: request.headers, body })
    return response.writeHead(status).end('thank you')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    taken,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/checkpoints?token=secret`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('a URL is given each checkpoint in order, with a key to know it again by', async () => {
  await using place = await keeper(() => 201)
  await urlSink(place.url).put([1, 2].map(line))
  expect(place.taken.map(({ number, headers, body }) => [number, headers['idempotency-key'], body])).toEqual([
    [1, 'checkpoint-1', line(1).line],
    [2, 'checkpoint-2', line(2).line],
  ])
})

test.each([500, 404, 302, 'redirect', 'hang'] as const)(
  '%s is not "taken", and does not wait for ever',
  async (answer) => {
    await using place = await keeper((number) => (number === 2 ? answer : 200))
    const error = await urlSink(place.url, 200)
      .put([1, 2, 3].map(line))
      .catch((thrown) => thrown)
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).not.toContain('secret')
    expect(place.taken.map(({ number }) => number)).toEqual([1])
  },
)

test('every checkpoint is handed over, tried again until it is taken, and then never again', async () => {
  await using database = await testDatabase()
  const { db } = database
  const sealSome = async (checkpoints: number) => {
    for (let n = 0; n < checkpoints; n++) {
      await writeTrail(db, 1)
      await seal(db)
    }
  }
  await using place = await keeper((_, attempt) => (attempt === 3 ? 503 : 200))
  const sink = urlSink(place.url)
  expect(await exportCheckpoints(db, sink, new Date())).toBe(0)

  await sealSome(4)
  await expect(exportCheckpoints(db, sink, new Date())).rejects.toThrow('503')
  expect(await exportCheckpoints(db, sink, new Date())).toBe(4)
  expect(await exportCheckpoints(db, sink, new Date())).toBe(0)
  await sealSome(2)
  expect(await exportCheckpoints(db, sink, new Date())).toBe(2)
  expect(new Set(place.taken.map(({ number }) => number))).toEqual(new Set([1, 2, 3, 4, 5, 6]))
  expect(place.taken.map(({ number }) => number).slice(-2)).toEqual([5, 6])

  // another place is given all of it
  await using files = await directory()
  const path = join(files.path, 'checkpoints.jsonl')
  expect(await exportCheckpoints(db, fileSink(path), new Date())).toBe(6)
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  expect(lines.map((each) => JSON.parse(each))).toEqual(
    [1, 2, 3, 4, 5, 6].map((number) => expect.objectContaining({ number, size: number, key: 'test' })),
  )
  expect(JSON.stringify(await db.selectFrom('audit_export').select('destination').execute())).not.toContain('secret')
})
