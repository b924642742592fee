import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { findEngine } from './engines/find.ts'

/** A real browser without a window; for tests that run only where there is one. */
export async function startBrowser(): Promise<Browser> {
  const engine = await findEngine('chromium')
  const { path = '', env = process.env } = engine ?? {}
  const fonts = { FONTCONFIG_FILE: await fontsBeside(path) }
  return chromium.launch({ executablePath: path, env: { ...env, ...fonts }, args: ['--no-sandbox', '--disable-gpu'] })
}

/**
 * A file for fontconfig that names the machine's fonts and those that came with the browser: unpacked and not installed, nobody
 * would find them, and Chinese would be boxes.
 */
async function fontsBeside(browser: string): Promise<string> {
  const folder = join(import.meta.dirname, '..', '.cache', 'fontconfig')
  const file = join(folder, 'fonts.conf')
  const text = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${join(dirname(browser), '..', '..', 'share', 'fonts')}</dir>
  <cachedir>${folder}</cachedir>
</fontconfig>
`
  await mkdir(folder, { recursive: true })
  if ((await readFile(file, 'utf8').catch(() => '')) === text) return file
  // another test's browser may be reading it, and never reads a half
  const whole = `${file}.${process.pid}`
  await writeFile(whole, text)
  await rename(whole, file)
  return file
}

/** Whether these characters look alike as an element's font draws them: where it has none of them, each is the same box. */
export async function looksAlike(page: Page, selector: string, characters: string): Promise<boolean> {
  const pictures = await page.evaluate(`[...${JSON.stringify(characters)}].map((character) => {
    const canvas = document.createElement('canvas')
    const context = canvas.getContext('2d')
    context.font = getComputedStyle(document.querySelector(${JSON.stringify(selector)})).font
    context.fillText(character, 10, 100)
    return canvas.toDataURL()
  })`)
  return new Set(pictures as string[]).size === 1
}

/** What scripts did not catch and what the browser refuses; an answer that is no 200 is the page's to deal with. */
export function collectErrors(page: Page): string[] {
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load')) errors.push(message.text())
  })
  return errors
}

/** Before the first page is opened: what somebody chose there earlier. */
export async function prefer(
  context: BrowserContext,
  language: 'zh-CN' | 'en',
  theme?: 'light' | 'dark',
): Promise<void> {
  const chosen = { language, ...(theme && { theme }) }
  const lines = Object.entries(chosen).map(([name, value]) => `localStorage.setItem('liftwatt.${name}', '${value}')`)
  await context.addInitScript(lines.join('\n'))
}

/** Violations of WCAG that axe calls serious or critical, as "rule: elements". */
export async function seriousFaults(page: Page): Promise<string[]> {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  await page.evaluate(axe) // not as a script element: the page's policy allows none
  return page.evaluate(async () => {
    interface Violation {
      impact: string
      id: string
      nodes: { target: string[] }[]
    }
    const { axe: loaded } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }
    const { violations } = await loaded.run()
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
  })
}

/** Pictures for README and docs are asked for. */
export const takesPictures = process.env.LIFTWATT_SCREENSHOTS === '1'

export async function picture(page: Page, name: string): Promise<void> {
  if (!takesPictures) return
  await page.screenshot({ path: join(import.meta.dirname, '..', 'docs', 'images', `${name}.png`) })
}
