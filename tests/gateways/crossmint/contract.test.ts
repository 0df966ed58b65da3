import { describe, expect, test } from 'vitest'
import { type ContractExchange, crossmintContract } from '../../support/crossmint-contract.ts'
import { signer, transactionAnswer, transferCall, wallet } from './support/answers.ts'

const contract = crossmintContract()

describe.skipIf(!contract)('the OpenAPI file of Crossmint', () => {
  const transactions = `/api/2025-06-09/wallets/${wallet}/transactions`
  const good: ContractExchange = {
    method: 'POST',
    path: transactions,
    requestBody: {
      params: {
        calls: [{ to: transferCall.to, value: '0', data: transferCall.data }],
        chain: 'avalanche-fuji',
        signer: `external-wallet:${signer.address}`,
      },
    },
    status: 201,
    responseBody: transactionAnswer(),
  }
  const problemsOf = (change: Partial<ContractExchange>) => contract!.validateExchange({ ...good, ...change })

  test('lets pass what it describes', () => {
    expect(problemsOf({})).toEqual([])
    expect(problemsOf({ status: null, responseBody: null })).toEqual([])
    expect(problemsOf({ status: 400, responseBody: { error: true, message: 'No' } })).toEqual([])
    expect(problemsOf({ status: 429, responseBody: { message: 'Slow down' } })).toEqual([])
  })

  const list = { method: 'GET', requestBody: null, status: 200, responseBody: { transactions: [transactionAnswer()] } }

  test('lets a list pass', () => {
    expect(
      problemsOf({ ...list, path: `${transactions}?page=1&perPage=50&dateFrom=2026-05-01T10:00:00.000Z` }),
    ).toEqual([])
  })

  test.each<[string, Partial<ContractExchange>, string]>([
    ['another method', { path: '/api/2025-06-09/wallets', method: 'PUT' }, 'is not an operation'],
    ['another path', { path: '/api/2025-06-09/walets' }, 'is not an operation'],
    ['a request without calls', { requestBody: { params: { calls: [], chain: 'avalanche-fuji' } } }, 'request: '],
    ['an answer without id', { responseBody: { ...transactionAnswer(), id: undefined } }, "property 'id'"],
    ['an unknown state', { responseBody: { ...transactionAnswer(), status: 'paused' } }, '/status'],
    ['no operation in the answer', { responseBody: { ...transactionAnswer(), onChain: {} } }, "'userOperationHash'"],
    ['an error without message', { status: 404, responseBody: { error: true } }, "property 'message'"],
    ['a status of its own', { status: 409, responseBody: { error: true, message: 'No' } }, 'does not have it'],
    ['an unknown query', { ...list, path: `${transactions}?limit=1` }, 'unknown parameter limit'],
    ['a page that is no number', { ...list, path: `${transactions}?page=one` }, 'query parameter page'],
    [
      'a query that is missing',
      { ...list, path: `/2025-06-09/wallets/${wallet}/balances`, responseBody: [] },
      'tokens is missing',
    ],
    ['a body where none belongs', { ...list, requestBody: {} }, 'should have none'],
  ])('tells of %s', (_, change, problem) => {
    expect(problemsOf(change)).toEqual([expect.stringContaining(problem)])
  })
})
