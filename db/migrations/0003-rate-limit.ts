/** How often callers called. The column names are those of the library that counts. */
export const rateLimit = {
  // expire is in milliseconds since 1970; there is no index on it: the table is as small as the callers of the last minutes
  rate_limit: `
    create table if not exists rate_limit (
      key text primary key,
      points int4 not null,
      expire int8 not null
    )`,
} as const
