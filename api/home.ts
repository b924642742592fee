import type { FastifyInstance } from 'fastify'
import type { OperationsStore } from '../stores/operations/port.ts'
import { currentHealth, type HealthCheck, type HealthReport } from './health.ts'
import { type Language, languageOf, languages, type Messages } from './messages.ts'
import { escaped, pageLook } from './page.ts'

const style = `
:root { color-scheme: light dark; --line: light-dark(#d0d4da, #3a4048); --good: light-dark(#0a6b3d, #5fd39a); --bad: light-dark(#b3261e, #ff8a80) }
body { margin: 0 auto; max-width: 56rem; padding: 1.5rem 1rem 3rem; font: 1rem/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif }
header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: baseline; justify-content: space-between }
h1 { margin: 0; font-size: 1.75rem } h2 { margin: 2rem 0 .5rem; font-size: 1.125rem }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: 1rem; margin: 0 }
dl div { display: flex; flex-direction: column-reverse; border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem }
dd { margin: 0; font-size: 1.75rem; font-variant-numeric: tabular-nums }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem }
.good { color: var(--good) } .bad { color: var(--bad) } nav { display: flex; flex-wrap: wrap; gap: 1rem; margin-top: 2rem }
`

const { policy } = pageLook(style, "'none'")

interface Counts {
  readonly gateways: number
  readonly devices: number
  readonly openOrders: number
}

/** The first page: what this is, whether it is well, what comes next. No script, nothing secret, no token. */
export async function serveHome(
  app: FastifyInstance,
  options: { operations: Pick<OperationsStore, 'ping' | 'counts'>; health: () => HealthReport },
): Promise<void> {
  app.get<{ Querystring: { lang?: string | string[] } }>(
    '/',
    { config: { public: true }, schema: { hide: true } },
    async (request, reply) => {
      const asked = [request.query.lang].flat()[0]
      const language = languageOf(asked, request.headers['accept-language'])
      const { checks, databaseAnswers } = await currentHealth(options.health, options.operations)
      const counts = databaseAnswers ? await options.operations.counts().catch(() => undefined) : undefined
      return reply
        .headers({ 'content-security-policy': policy, vary: 'accept-language', 'content-language': language })
        .type('text/html; charset=utf-8')
        .send(homePage(language, checks, counts, addressOf(request.host)))
    },
  )
}

/** The host is the caller's own word: only what looks like one is repeated. */
function addressOf(host: string): string {
  return `http://${/^[A-Za-z0-9.-]{1,253}(:\d{1,5})?$|^\[[0-9a-fA-F:]{2,45}\](:\d{1,5})?$/.test(host) ? host : '127.0.0.1:8080'}`
}

export function homePage(
  language: Language,
  checks: readonly HealthCheck[],
  counts: Counts | undefined,
  address: string,
): string {
  const say = languages[language]
  const other = language === 'en' ? 'zh-CN' : 'en'
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${say.title}</title>
<style>${style}</style>
<body>
<header><h1>${say.title}</h1><a href="/?lang=${other}" lang="${other}" hreflang="${other}">${say.otherLanguage}</a></header>
<main>
<p>${say.what}</p>
<h2>${say.healthTitle}</h2>
${healthSection(say, checks)}
<h2>${say.countsTitle}</h2>
<dl>${(['gateways', 'devices', 'openOrders'] as const)
    .map((name) => `<div><dt>${say[name]}</dt><dd>${counts?.[name] ?? say.unknown}</dd></div>`)
    .join('')}</dl>
<h2>${say.nextTitle}</h2>
${nextStep(say, counts, address)}
</main>
<nav><a href="/console/">${say.console}</a><a href="/docs">${say.docs}</a><a href="/openapi.json">${say.openapi}</a><a href="/metrics">${say.metrics}</a></nav>
</body>
</html>
`
}

function healthSection(say: Messages, checks: readonly HealthCheck[]): string {
  const failing = checks.filter((check) => !check.ok)
  if (failing.length === 0) return `<p class="good">✓ ${say.well}</p>`
  const items = failing.map(({ name, text }) => `<li><strong>${escaped(name)}</strong>: ${escaped(text)}</li>`)
  return `<p class="bad">✗ ${say.notWell}</p><ul lang="en">${items.join('')}</ul>`
}

function nextStep(say: Messages, counts: Counts | undefined, address: string): string {
  if (counts === undefined || counts.gateways === 0) {
    const body = '{"id": "gw-1", "autoRegister": "elevator"}'
    const commands = `${command('npx liftwatt gateway add gw-1 --auto-register elevator')}<p>${say.orAsHttp}</p>${command(post(address, 'gateways', body))}`
    return `<p>${say.addGateway}</p>${commands}<p>${say.token}</p>`
  }
  if (counts.devices === 0) {
    const body = '{"id": "elv-1", "kind": "elevator", "gatewayId": "gw-1"}'
    return `<p>${say.addDevice}</p>${command(post(address, 'devices', body))}<p>${say.token}</p>`
  }
  return `<p>${say.allSet}</p>${command(`curl ${bearer} '${address}/api/v1/work-orders?state=raised'`)}<p>${say.token}</p>`
}

const bearer = '-H "Authorization: Bearer $TOKEN"'

function post(address: string, path: string, body: string): string {
  return `curl ${bearer} \\\n  -H 'Content-Type: application/json' -d '${body}' ${address}/api/v1/${path}`
}

function command(text: string): string {
  return `<pre tabindex="0"><code>${escaped(text)}</code></pre>`
}
