import { type Answer, call } from '../../http/support/calls.ts'
import { PAGE } from '../../support/people.ts'

/** Calls a query as a browser with this cookie does. */
export const ask = (url: string, cookie: string, path = 'auth.me', input?: unknown): Promise<Answer> =>
  call(url, { path, type: 'query' }, input, { cookie, origin: PAGE })

/** Calls a mutation as a browser with this cookie does. */
export const act = (url: string, cookie: string, path: string, input?: unknown): Promise<Answer> =>
  call(url, { path, type: 'mutation' }, input, { cookie, origin: PAGE })

/** What the browser is told to keep: the cookie's name and value, and its attributes in the order they came. */
export function setCookieOf({ headers }: Pick<Answer, 'headers'>) {
  const cookies = headers.getSetCookie()
  if (cookies.length !== 1) throw new Error(`The answer sets ${cookies.length} cookies`)
  const [pair, ...attributes] = cookies[0]!.split('; ') as [string, ...string[]]
  const at = pair.indexOf('=')
  return { name: pair.slice(0, at), value: pair.slice(at + 1), attributes }
}
