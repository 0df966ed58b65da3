import { AttestationsUnavailable } from '../../../server/gateways/attestations.ts'

/** The error that asking a provider must end with; anything else fails the test. */
export async function unavailableOf(asked: Promise<unknown>): Promise<AttestationsUnavailable> {
  try {
    await asked
  } catch (error) {
    if (error instanceof AttestationsUnavailable) return error
    throw error
  }
  throw new Error('The provider answered; an error was expected')
}

/** Everything that an error says, those that caused it included. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return [error.name, error.message, error.stack, JSON.stringify(error), wordsOf(error.cause ?? '')].join('\n')
}
