import { pause } from './pause.ts'

/** What an `EventSource` over `fetch` is opened with. */
export interface EventSourceInit {
  /** Sends the request: with whoever calls, as other calls do. */
  send(url: string, init: { headers: Record<string, string>; signal: AbortSignal }): Promise<Response>
  /** Where the stream was, kept over reconnections by whoever opens one source after another; `begins` is the first id that came. */
  place: { begins?: string; lastEventId?: string }
}

/** What came of an event, which is one only when an empty line ends it. */
interface Block {
  type: string
  data: string[]
  id?: string
}

type Listener = (event: { type: string; data?: string; lastEventId?: string }) => void

const FIRST_WAIT = 250
const LONGEST_WAIT = 15_000

/**
 * An `EventSource` that sends headers, which those of browsers cannot and Node has none: reads the same format, reconnects with the
 * id of the last event, and in addition waits longer each time that it fails. A refusal of the service comes as the event
 * `serialized-error` of tRPC.
 */
export class FetchEventSource {
  readonly CONNECTING = 0
  readonly OPEN = 1
  readonly CLOSED = 2
  readyState = 0
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #closing = new AbortController()
  readonly #init: EventSourceInit
  #wait = FIRST_WAIT

  constructor(url: string, init?: EventSourceInit) {
    this.#init = init!
    void this.#run(url)
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, (this.#listeners.get(type) ?? new Set()).add(listener))
  }

  removeEventListener(type: string, listener: Listener): void {
    this.#listeners.get(type)?.delete(listener)
  }

  close(): void {
    this.readyState = this.CLOSED
    this.#closing.abort()
  }

  get lastEventId(): string | undefined {
    return this.#init.place.lastEventId
  }

  #emit(type: string, data?: string): void {
    const { lastEventId } = this
    for (const listener of this.#listeners.get(type) ?? [])
      listener({ type, ...(data !== undefined && { data }), ...(lastEventId !== undefined && { lastEventId }) })
  }

  async #run(url: string): Promise<void> {
    const { signal } = this.#closing
    while (this.readyState !== this.CLOSED) {
      await this.#connect(url).catch(() => {})
      if (signal.aborted) return
      this.readyState = this.CONNECTING
      this.#emit('error')
      // all clients of an instance that went away come back at once, and had better not
      const wait = this.#wait * (0.5 + Math.random() / 2)
      this.#wait = Math.min(LONGEST_WAIT, this.#wait * 2)
      await pause(wait, signal).catch(() => {})
    }
  }

  async #connect(url: string): Promise<void> {
    const { lastEventId } = this
    const from = lastEventId === undefined ? '' : `${url.includes('?') ? '&' : '?'}lastEventId=${lastEventId}`
    const response = await this.#init.send(url + from, {
      headers: { accept: 'text/event-stream' },
      signal: this.#closing.signal,
    })
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
      const { error } = JSON.parse(await response.text()) as { error?: unknown }
      if (error) this.#emit('serialized-error', JSON.stringify(error))
      return
    }
    this.readyState = this.OPEN
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    let event: Block = { type: '', data: [] }
    for (let rest = ''; ; ) {
      const { done, value } = await reader.read()
      if (done) return
      const text = rest + value
      // it may be half of a "\r\n"
      const half = text.endsWith('\r') ? '\r' : ''
      const lines = text.slice(0, text.length - half.length).split(/\r\n|\n|\r/)
      rest = lines.pop()! + half
      for (const line of lines) {
        if (line === '') {
          this.#end(event)
          event = { type: '', data: [] }
          continue
        }
        const [, field, text] = /^([^:]*):? ?(.*)$/.exec(line)!
        if (field === 'event') event.type = text!
        if (field === 'data') event.data.push(text!)
        if (field === 'id') event.id = text!
      }
    }
  }

  #end({ type, data, id }: Block): void {
    const { place } = this.#init
    if (id !== undefined) {
      place.begins ??= id
      place.lastEventId = id
    }
    if (data.length === 0) return
    // only now is it known that the service is what answers
    this.#wait = FIRST_WAIT
    this.#emit(type || 'message', data.join('\n'))
  }
}
