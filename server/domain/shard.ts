/** Over how many shards work is spread, so that its index has no single hot end and instances seldom meet at one row. */
export const SHARDS = 8

/** The shard of an object, by its random id. */
export const shardOf = (id: string): number => Number.parseInt(id.slice(0, 2), 16) % SHARDS
