/** Why a payment is not taken, in the protocol's words: a closed set, safe to show. Nothing was charged. */
export type Rejection =
  | 'insufficient_funds'
  | 'invalid_exact_evm_payload_authorization_valid_after'
  | 'invalid_exact_evm_payload_authorization_valid_before'
  | 'invalid_exact_evm_payload_authorization_value_mismatch'
  | 'invalid_exact_evm_payload_recipient_mismatch'
  | 'invalid_exact_evm_payload_signature'
  | 'invalid_exact_evm_payload_undeployed_smart_wallet'
  | 'invalid_network'
  | 'invalid_payment_requirements'
  | 'invalid_transaction_state'
  | 'unsupported_scheme'

/** A payment that could be read, and does not pay what is asked. */
export class PaymentRejected extends Error {
  override readonly name = 'PaymentRejected'
  readonly reason: Rejection
  readonly payer: string

  constructor(reason: Rejection, message: string, payer: string) {
    super(message)
    this.reason = reason
    this.payer = payer
  }
}

/** What came is no payment. */
export class MalformedPayment extends Error {
  override readonly name = 'MalformedPayment'
}
