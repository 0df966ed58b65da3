/** A procedure that lists page by page. */
interface Listing<Input, Item> {
  query(input: Input, options?: { signal?: AbortSignal }): Promise<PageOf<Item>>
}

interface PageOf<Item> {
  items: Item[]
  nextCursor: string | null
  /** Where the cursor goes on for ever: whether there is more now. */
  hasMore?: boolean
}

/**
 * Everything that a list has, one by one; pages are asked for as they are needed.
 *
 * @throws ProviderServiceError; the reason of `signal`
 *
 * @example
 * for await (const payment of all(client.payments.list, { state: 'settled' })) console.log(payment.amount)
 */
export async function* all<Input extends { cursor?: string | null | undefined }, Item>(
  list: Listing<Input, Item>,
  ...[input, { signal } = {}]: Partial<Input> extends Input
    ? [input?: Input, options?: { signal?: AbortSignal }]
    : [input: Input, options?: { signal?: AbortSignal }]
): AsyncGenerator<Item, void> {
  for (let cursor = input?.cursor; ; ) {
    const page = await list.query({ ...(input as Input), cursor }, { signal })
    yield* page.items
    if (page.nextCursor === null || page.hasMore === false) return
    cursor = page.nextCursor
  }
}
