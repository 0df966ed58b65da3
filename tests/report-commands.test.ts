import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publicKeysOf, textOfPublicKey } from '../server/domain/audit/keys.ts'
import { manifestForm, signManifest, textOfManifest } from '../server/domain/reports/manifest.ts'
import { verifyReport } from '../server/domain/reports/verify-report.ts'
import { sandboxSecrets } from '../server/sandbox-secrets.ts'
import { key as strangersKey } from './domain/audit/support/trails.ts'
import { seedMonth } from './domain/reports/support/month.ts'
import { run } from './http/support/run.ts'
import { testDatabase } from './support/database.ts'
import { worldKey } from './support/seal.ts'

const provider = (args: string, environment: Record<string, string> = {}) =>
  run('server/cli.ts', args.split(' '), environment)
const publicKeys = publicKeysOf([worldKey])
const key = `sandbox:${textOfPublicKey(publicKeys.get('sandbox')!)}`
const period = '--from 2026-10-01 --to 2026-11-01'

let place: string
let made: string
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'provider-report-'))
  made = join(place, 'october')
  await using database = await testDatabase()
  const { appId } = await seedMonth(database.db, { decisions: 60 })
  const operator = { DATABASE_URL: database.applicationUrl, AUDIT_KEYS: `sandbox:${sandboxSecrets.auditSeed}` }
  const { code, stdout } = await provider(`reports create --app ${appId} ${period} --out ${made}`, operator)
  expect({ code, stdout }).toEqual({ code: 0, stdout: `22 files in ${made}; open report.html\n` })
  const again = await provider(`reports create --app ${appId} ${period} --out ${made}`, operator)
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('is not empty') })
})
afterAll(() => rm(place, { recursive: true }))

test('a report is verified by an auditor who has its files and the public key, and nothing else', async () => {
  const { code, stdout } = await provider(`reports verify ${made} --key ${key}`)
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('21 files, 0 faults') })
  const stranger = await provider(`reports verify ${made} --key sandbox:${'A'.repeat(43)}`)
  expect(stranger).toMatchObject({ code: 1, stdout: expect.stringContaining('FAULT manifest.json: its signature') })
  for (const wrong of ['reports verify', `reports verify ${made}`, `reports create --out ${made}`])
    expect((await provider(wrong)).code).toBe(2)
})

describe('tampering is found', () => {
  async function tampered(change: (directory: string) => Promise<void>) {
    const directory = await mkdtemp(join(place, 'tampered-'))
    await cp(made, directory, { recursive: true })
    await change(directory)
    return (await verifyReport(directory, publicKeys)).faults
  }
  const edit = (name: string, change: (text: string) => string) => async (directory: string) => {
    const text = await readFile(join(directory, name), 'utf8')
    expect(change(text)).not.toBe(text)
    await writeFile(join(directory, name), change(text))
  }

  test('a changed bit of any file', async () => {
    for (const name of await readdir(made))
      if (name !== 'manifest.json') {
        const flip = (text: string) => `${text.slice(0, -2)}${text.at(-2) === 'x' ? 'y' : 'x'}${text.at(-1)}`
        expect(await tampered(edit(name, flip)), name).toEqual([
          { where: name, fault: 'it is not the file of the manifest' },
        ])
      }
  })

  test.each([
    ['the period', (text: string) => text.replace('2026-11-01', '2026-12-01')],
    ['the app', (text: string) => text.replace('Payer & <Tiger>', 'Somebody else')],
    ['a count of rows', (text: string) => text.replace(/"rows": \d+/, '"rows": 0')],
    ['a hash', (text: string) => text.replace(/"sha256": "../, '"sha256": "00')],
    ['the policies', (text: string) => text.replace(/"policyVersions": \[[^\]]*\]/, '"policyVersions": []')],
  ])('%s in the manifest', async (_, change) => {
    const faults = await tampered(edit('manifest.json', change))
    expect(faults[0]).toEqual({ where: 'manifest.json', fault: expect.stringMatching(/signature|form/) })
  })

  test('a file that is gone, one that came to it, and a manifest that another key signed', async () => {
    expect(await tampered((directory) => rm(join(directory, 'refusals.csv')))).toEqual([
      { where: 'refusals.csv', fault: 'it cannot be read (ENOENT)' },
    ])
    expect(await tampered((directory) => writeFile(join(directory, 'more.csv'), 'x'))).toEqual([
      { where: 'more.csv', fault: 'the manifest does not speak of it' },
    ])
    const signed = await tampered(async (directory) => {
      const path = join(directory, 'manifest.json')
      const { key: _, signature: __, ...said } = manifestForm.parse(JSON.parse(await readFile(path, 'utf8')))
      await writeFile(path, textOfManifest(signManifest({ ...said, appName: 'Mine' }, strangersKey)))
    })
    expect(signed).toEqual([
      { where: 'manifest.json', fault: expect.stringContaining('whose public half was not given') },
    ])
    expect(await tampered((directory) => rm(join(directory, 'manifest.json')))).toEqual([
      { where: 'manifest.json', fault: 'it cannot be read (ENOENT)' },
    ])
  })
})
