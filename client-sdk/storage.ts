/** Where text is kept by name: `localStorage`, or anything like it. */
export interface IntentionStorage {
  getItem(name: string): string | null | Promise<string | null>
  setItem(name: string, text: string): void | Promise<void>
  removeItem(name: string): void | Promise<void>
}

const memory = new Map<string, string>()

const inMemory: IntentionStorage = {
  getItem: (name) => memory.get(name) ?? null,
  setItem: (name, text) => void memory.set(name, text),
  removeItem: (name) => void memory.delete(name),
}

/** That of the browser, where there is one and it may be used; else the memory of this process. */
export function usualStorage(): IntentionStorage {
  try {
    // a browser that blocks it throws when it is looked at; one in private mode, when it is written to
    const { localStorage } = globalThis
    localStorage.setItem('provider-service', '')
    localStorage.removeItem('provider-service')
    return localStorage
  } catch {
    return inMemory
  }
}
