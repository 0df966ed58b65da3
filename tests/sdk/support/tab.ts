import { JSDOM } from 'jsdom'
import { createElement, type ReactNode, StrictMode } from 'react'
import type { IntentionStorage } from '../../../client-sdk/index.ts'

/** What React and its users look for in a browser. */
const names = ['window', 'document'] as const

/** Makes this process a browser for React until it is disposed. */
export function browser(): Disposable {
  const { window } = new JSDOM('', { url: 'http://app.localhost:3000/' })
  const before = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name))
  for (const name of names)
    Object.defineProperty(globalThis, name, { value: name === 'window' ? window : window.document, configurable: true })
  return {
    [Symbol.dispose]() {
      names.forEach((name, index) => {
        const descriptor = before[index]
        if (descriptor) Object.defineProperty(globalThis, name, descriptor)
        else Reflect.deleteProperty(globalThis, name)
      })
      window.close()
    },
  }
}

/** A page that is shown until it is disposed, under StrictMode. */
export async function show(element: ReactNode): Promise<AsyncDisposable> {
  const { createRoot } = await import('react-dom/client')
  const root = createRoot(document.createElement('div'))
  root.render(createElement(StrictMode, null, element))
  return {
    async [Symbol.asyncDispose]() {
      root.unmount()
      // React ends effects of what it no longer shows a moment later
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

/** A component that shows nothing and notes what a hook said each time it was drawn. */
export function probe<T>(hook: () => T): { element: ReactNode; seen: T[]; now(): T } {
  const seen: T[] = []
  function Probe(): null {
    seen.push(hook())
    return null
  }
  return {
    element: createElement(Probe),
    seen,
    now() {
      const last = seen.at(-1)
      if (last === undefined) throw new Error('It was not drawn yet')
      return last
    },
  }
}

/** What tabs of one browser share: each is told of what the others change, as of `localStorage`. */
export function sharedStorage(): IntentionStorage & { entries: Map<string, string> } {
  const entries = new Map<string, string>()
  const tell = (key: string) => {
    window.dispatchEvent(new window.StorageEvent('storage', { key }))
  }
  return {
    entries,
    getItem: (name) => entries.get(name) ?? null,
    setItem(name, text) {
      entries.set(name, text)
      tell(name)
    },
    removeItem(name) {
      entries.delete(name)
      tell(name)
    },
  }
}
