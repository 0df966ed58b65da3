import type { ProviderServiceError } from '../index.ts'

/** Milliseconds until what failed for a reason that passes is asked for again, where it is shown. */
const NEXT_TRY = 5_000

/** How TanStack Query is told that. */
export const whileAway = ({ state: { error } }: { state: { error: ProviderServiceError | null } }): number | false =>
  error?.retryable ? NEXT_TRY : false
