import { settings } from '@/lib/settings.ts'

const asked = [
  'accept',
  'content-type',
  'cookie',
  'last-event-id',
  'origin',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
]
const answered = ['cache-control', 'content-type', 'retry-after', 'set-cookie', 'x-accel-buffering', 'x-request-id']

const pick = (headers: Headers, names: readonly string[]) =>
  names.flatMap((name): [string, string][] => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value]]
  })

/** Passes the calls of our pages on to the service, so that they are calls to our own origin. */
async function pass(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  const path = /\/trpc\/[\w.,%]+$/.exec(pathname)?.[0]
  if (!path) return new Response('Here are the procedures of the service, and nothing else.', { status: 404 })
  const answer = await fetch(`${settings().providerUrl}${path}${search}`, {
    method: request.method,
    headers: pick(request.headers, asked),
    signal: request.signal,
    cache: 'no-store',
    redirect: 'error',
    ...(request.method === 'POST' && { body: await request.text() }),
  })
  return new Response(answer.body, { status: answer.status, headers: pick(answer.headers, answered) })
}

export { pass as GET, pass as POST }
