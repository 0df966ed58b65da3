import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import superjson from 'superjson'
import { expect, onTestFinished, test } from 'vitest'
import { FetchEventSource } from '../../client-sdk/event-source.ts'
import { createClient, events } from '../../client-sdk/index.ts'

const eventText = (position: number) =>
  `data: ${superjson.stringify({ position: BigInt(position), title: 'Café ☕' })}\nid: ${position}\n\n`
const beginning = (position: number) => `id: ${position}\n\nevent: connected\ndata: {}\n\n`
const streamOf = (body: BodyInit) => new Response(body, { headers: { 'content-type': 'text/event-stream' } })

/** A client whose streams answer these texts, one after the other, each in one piece; then it is refused. */
function clientOf(texts: string[]) {
  const refused = Promise.withResolvers<AbortSignal>()
  const answers = texts.values()
  const client = createClient({
    url: 'http://127.0.0.1',
    apiKey: 'psk_test',
    fetch: async (_, init) => {
      const { value } = answers.next()
      if (value !== undefined) return streamOf(value)
      refused.resolve(init!.signal!)
      const data = { code: 'UNAUTHENTICATED', retryable: false, httpStatus: 401, requestId: null }
      return Response.json({ error: superjson.serialize({ code: -32001, message: 'The key is revoked', data }) })
    },
  })
  return { client, refused: refused.promise }
}

test('cut off at any byte, it goes on with each event once', async () => {
  const positions = [4, 5, 6]
  const head = 3
  const answer = (after: number) =>
    new TextEncoder().encode(
      beginning(after) +
        positions
          .filter((position) => position > after)
          .map(eventText)
          .join(''),
    )
  const whole = answer(head)
  const cutAt = async (cut: number) => {
    const told = Promise.withResolvers<void>()
    const seen: unknown[] = []
    let requests = 0
    const source = new FetchEventSource('http://127.0.0.1/', {
      place: {},
      send: async (url) => {
        if (requests++ === 0) return streamOf(whole.slice(0, cut))
        return streamOf(answer(Number(new URL(url).searchParams.get('lastEventId') ?? head)))
      },
    })
    source.addEventListener('message', ({ data, lastEventId }) => {
      seen.push([Number(superjson.parse<{ position: bigint }>(data!).position), lastEventId])
    })
    // the second answer is whole, so nothing more comes after it
    source.addEventListener('error', () => requests === 2 && told.resolve())
    await told.promise
    source.close()
    return { cut, seen }
  }
  const cuts = Array.from({ length: whole.length + 1 }, (_, cut) => cut)
  const seen = positions.map((position) => [position, String(position)])
  expect(await Promise.all(cuts.map(cutAt))).toEqual(cuts.map((cut) => ({ cut, seen })))
})

test('lines that end in CRLF, cut between the two, end once', async () => {
  const chunks = ['data: one\r', '\ndata: two\r', '\n\r', '\n']
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
      controller.close()
    },
  })
  const source = new FetchEventSource('http://127.0.0.1/', { place: {}, send: async () => streamOf(body) })
  const told = Promise.withResolvers<string | undefined>()
  source.addEventListener('message', ({ data }) => told.resolve(data))
  expect(await told.promise).toBe('one\ntwo')
  source.close()
})

test('the first event is told when it comes in one piece with what it begins behind', async () => {
  const { client } = clientOf([beginning(6) + eventText(7), beginning(7) + eventText(8)])
  const told = events(client)
  expect((await told.next()).value).toMatchObject({ position: 7n })
  expect((await told.next()).value).toMatchObject({ position: 8n })
  await told.return()
})

test.each([
  { waiting: 'nothing', texts: [] },
  { waiting: 'an event', texts: [beginning(1) + eventText(2)] },
])(
  'a refusal while an event is dealt with, and $waiting waits, is thrown when the next is asked for',
  async ({ texts }) => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    onTestFinished(() => void process.off('unhandledRejection', note))
    const { client, refused } = clientOf([beginning(0) + eventText(1), ...texts])
    const told = events(client, { from: 0n })
    expect((await told.next()).value).toMatchObject({ position: 1n })
    const letGo = await refused
    if (!letGo.aborted) await once(letGo, 'abort')
    // whoever handles a rejection has this turn to do so
    await setImmediate()
    expect(unhandled).toEqual([])
    if (texts.length > 0) expect((await told.next()).value).toMatchObject({ position: 2n })
    await expect(told.next()).rejects.toMatchObject({ code: 'UNAUTHENTICATED', status: 401 })
  },
  5_000,
)
