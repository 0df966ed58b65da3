import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge', 'chromium-browser']

const usualPlaces: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: [
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  linux: ['/snap/bin/chromium', '/opt/google/chrome/chrome'],
  win32: [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA].flatMap((folder) =>
    folder
      ? [
          join(folder, 'Chromium\\Application\\chrome.exe'),
          join(folder, 'Google\\Chrome\\Application\\chrome.exe'),
          join(folder, 'Microsoft\\Edge\\Application\\msedge.exe'),
        ]
      : [],
  ),
}

/**
 * Finds a Chromium that is installed: the one that `CHROMIUM` names, else one in the path or where they usually are. Null without
 * one; none is ever downloaded.
 *
 * @throws Error when `CHROMIUM` names none, or when `REQUIRE_BROWSER` is set and there is none
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | null {
  if (env.CHROMIUM) {
    if (existsSync(env.CHROMIUM)) return env.CHROMIUM
    throw new Error(`CHROMIUM names ${env.CHROMIUM}, which is not there`)
  }
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const inPath = (env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name + suffix)))
  const found = [...inPath, ...(usualPlaces[process.platform] ?? [])].find((file) => existsSync(file))
  if (found) return found
  if (env.REQUIRE_BROWSER)
    throw new Error('There is no Chromium, and REQUIRE_BROWSER asks for one: install it, or name it by CHROMIUM')
  return null
}
