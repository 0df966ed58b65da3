import type { Page } from 'playwright-core'
import superjson from 'superjson'
import { expect } from 'vitest'

/** A request that can be told to a page. */
export interface PageRequest {
  method?: string
  mode?: RequestMode
  credentials?: RequestCredentials
  headers?: Record<string, string>
  body?: string
}

/** What a page's script sees of an answer: all of it, or an error. */
export interface Seen {
  type: ResponseType | 'none'
  status: number
  text: string
}

/** Lets a page, or a frame in one, send a request by its own script. */
export const fetchFrom = (page: Pick<Page, 'evaluate'>, url: string, request: PageRequest): Promise<Seen> =>
  page.evaluate(
    async ({ url, request }): Promise<Seen> => {
      try {
        const answer = await fetch(url, request)
        return { type: answer.type, status: answer.status, text: await answer.text() }
      } catch (error) {
        return { type: 'none', status: 0, text: String(error) }
      }
    },
    { url, request },
  )

export const bodyOf = (input: unknown): string => JSON.stringify(superjson.serialize(input))

/** A mutation as a page makes it, with whatever cookie the browser has. */
export const post = (input?: unknown, more: PageRequest = {}): PageRequest => ({
  method: 'POST',
  credentials: 'include',
  headers: { 'content-type': 'application/json' },
  body: bodyOf(input),
  ...more,
})

export function resultOf<T>({ status, text }: Seen): T {
  expect(status, text).toBe(200)
  return superjson.deserialize(JSON.parse(text).result.data)
}

export function expectError(seen: Seen, status: number, code: string): void {
  expect(seen, seen.text).toMatchObject({ type: 'cors', status })
  expect(JSON.parse(seen.text).error.json.data.code).toBe(code)
}
