import type { Address } from 'viem'
import { erc1404, managed } from './abi.ts'
import { quoted, refuse, satisfy } from './check.ts'
import { managedToken } from './managed-token.ts'
import { inquiry, question } from './questions.ts'
import type { TokenCapabilities, TokenProfile } from './token-profile.ts'

/** A token that tells by a number why a transfer is restricted, 0 where it is not, and has a sentence for each number. */
export const erc1404Token = (token: Address, capabilities: TokenCapabilities): TokenProfile =>
  managedToken(
    {
      standard: 'erc-1404',
      freezes: capabilities.freeze,

      transfer: (_, { from, to, amount }, ask) => [
        inquiry(
          {
            restriction: question(token, erc1404, 'detectTransferRestriction', from, to, amount),
            // the sentences of the low numbers, asked for beforehand: all is of one block and one request
            ...Object.fromEntries(
              Array.from({ length: sentences }, (_, code) => [
                code,
                question(token, erc1404, 'messageForTransferRestriction', code),
              ]),
            ),
          },
          (answers) => {
            const code = answers.restriction as number | undefined
            if (code === undefined) return ask.unreadable('token-transfer-rule', 'whether it restricts this transfer')
            if (code === 0)
              return satisfy(
                'token-transfer-rule',
                'TRANSFER_PERMITTED',
                'The token does not restrict this transfer.',
                ask.evidence,
              )
            const sentence = (answers as Record<string, unknown>)[code]
            const said = typeof sentence === 'string' ? quoted(sentence) : 'it does not say why'
            return refuse(
              'token-transfer-rule',
              'TRANSFER_NOT_PERMITTED',
              `The token restricts this transfer (${code}): ${said}`,
              'Satisfy the restriction, or have the issuer lift it.',
              ask.evidence,
            )
          },
        ),
      ],

      mayReceive: (_, account, ask) =>
        capabilities.allow ? [ask.mayReceive(account, question(token, managed, 'isWhitelisted', account))] : [],
    },
    token,
    capabilities,
  )

const sentences = 16
