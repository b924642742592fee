import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { takesGzip } from './compress.ts'
import { notFound, sendProblem } from './problem.ts'

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data: blob:",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}

interface File {
  readonly type: string
  readonly cache: string
  readonly etag: string
  readonly plain: Buffer
  readonly gzipped: Buffer
}

/**
 * The web app. Its files are read once, and a path is only ever looked up among their names: nothing else of the disk can be asked
 * for. Files with a hash in their name never change; of the others a browser asks each time whether they did. Any other address
 * is a page of the app, which the browser's script draws.
 * @param directory where it was built; undefined = it is not, and every address of it says so
 */
export async function serveConsole(app: FastifyInstance, directory: string | undefined): Promise<void> {
  const files = directory === undefined ? new Map<string, File>() : readFiles(directory)
  const index = files.get('index.html')
  const orderPage = orderPageOf(files)
  const open = { config: { public: true }, schema: { hide: true } } as const

  app.get('/console', open, async (_request, reply) => reply.redirect('/console/', 308))
  app.get<{ Params: { '*': string } }>('/console/*', open, async (request, reply) => {
    if (index === undefined) return sendProblem(reply, 'unavailable', 'The console is not built here: npm run build')
    const path = request.params['*']
    const file = files.get(path)
    // it stands in for the links of messages too, which are not below it
    if (path === 'sw.js') reply.header('service-worker-allowed', '/')
    if (file !== undefined) return sendFile(request, reply, file)
    // a page that is there, asking for what is not: an older build's script, which must not be answered with a page
    if (path.startsWith('assets/') || extname(path) !== '') return notFound(request, reply)
    const [, token] = /^o\/([\w-]+)$/.exec(path) ?? []
    return sendFile(request, reply, token === undefined ? index : toFile('index.html', orderPage(token)))
  })
}

/**
 * The app's page as a crew's link opens it. It names all that the order needs, and the order itself: over a weak signal the browser
 * asks for them at once, and not for one when it has read the other.
 */
function orderPageOf(files: ReadonlyMap<string, File>): (token: string) => Buffer {
  const index = String(files.get('index.html')?.plain ?? '')
  const built: Built = JSON.parse(String(files.get('assets.json')?.plain ?? '{}'))
  const links = [...chunksOf('crew/page.tsx', built)]
    .flatMap(({ file, css = [] }) => [file, ...css])
    .filter((file) => !index.includes(file))
    .map(
      (file) =>
        `<link rel="${file.endsWith('.css') ? 'stylesheet' : 'modulepreload'}" crossorigin href="/console/${file}">`,
    )
  return (token) => {
    const order = `<link rel="preload" as="fetch" crossorigin href="/o/${token}/order.json">`
    return Buffer.from(index.replace('</head>', [order, ...links, '</head>'].join('\n')))
  }
}

/** Vite's manifest. */
type Built = Readonly<Record<string, Chunk>>
interface Chunk {
  readonly file: string
  readonly css?: readonly string[]
  readonly imports?: readonly string[]
}

/** A file of the source as it was built, and those that it cannot start without. */
function chunksOf(key: string, built: Built, found = new Set<Chunk>()): Set<Chunk> {
  const chunk = built[key]
  if (chunk === undefined || found.has(chunk)) return found
  found.add(chunk)
  for (const other of chunk.imports ?? []) chunksOf(other, built, found)
  return found
}

/** Beside the built service, or in `dist/` when this runs from its source. */
export function builtConsole(): string | undefined {
  const places = [join(import.meta.dirname, '../console'), join(import.meta.dirname, '../dist/console')]
  return places.find((place) => existsSync(join(place, 'assets.json')))
}

function readFiles(directory: string): Map<string, File> {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) => extname(path) in types)
  return new Map(paths.map((path) => [path.split(sep).join('/'), readFile(directory, path)]))
}

function readFile(directory: string, path: string): File {
  return toFile(path, readFileSync(join(directory, path)))
}

function toFile(path: string, plain: Buffer): File {
  return {
    type: types[extname(path)] ?? '',
    cache: path.startsWith(`assets${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    plain,
    gzipped: gzipSync(plain, { level: 9 }),
  }
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: File): FastifyReply {
  const { type, cache, etag, plain, gzipped } = file
  reply.headers({ 'content-security-policy': policy, 'cache-control': cache, etag, vary: 'accept-encoding' })
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  const mayGzip = takesGzip(request)
  if (mayGzip) reply.header('content-encoding', 'gzip')
  return reply.type(type).send(mayGzip ? gzipped : plain)
}
