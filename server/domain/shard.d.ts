/** Over how many shards work is spread, so that its index has no single hot end and instances seldom meet at one row. */
export declare const SHARDS = 8;
/** The shard of an object, by its random id. */
export declare const shardOf: (id: string) => number;
