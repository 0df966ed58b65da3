/**
 * What a call that did not end well allows us to conclude. `refused`: nothing happened, the same body will be refused again; `unknown`: it
 * may have happened; `unavailable`: nothing happened, try later.
 */
export type ChainsettleOutcome = 'refused' | 'unknown' | 'unavailable'

/** `not_found` is Chainsettle's own word that it knows no such settlement, and comes with the outcome `refused`. */
export type ChainsettleReason =
  | 'aborted'
  | 'timeout'
  | 'unreachable'
  | 'failing'
  | 'unreadable'
  | 'bad_request'
  | 'not_found'

/** A call of Chainsettle's HTTP interface that did not end well. */
export class ChainsettleError extends Error {
  override readonly name = 'ChainsettleError'
  readonly outcome: ChainsettleOutcome
  readonly reason: ChainsettleReason

  constructor(
    outcome: ChainsettleOutcome,
    reason: ChainsettleReason,
    message: string,
    options: { cause?: unknown } = {},
  ) {
    super(message, options)
    this.outcome = outcome
    this.reason = reason
  }
}
