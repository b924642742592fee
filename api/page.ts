import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Language, languageOf } from './messages.ts'

/** More than any form of ours has, but for a lift's. */
export const formBytes = 4 * 1024

/** What pages without a session have in common: no script, nothing from elsewhere, forms to ourselves, not to be indexed. */
export interface PageLook {
  readonly style: string
  /** Of the header `Content-Security-Policy`. */
  readonly policy: string
}

/** @param formAction where its forms may send to */
export function pageLook(style: string, formAction: "'self'" | "'none'"): PageLook {
  const hash = createHash('sha256').update(style).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action ${formAction}; frame-ancestors 'none'`
  return { style, policy }
}

/** @param body HTML; what in it is not ours is `escaped` */
export function pageOf({ style }: PageLook, language: Language, title: string, body: string): string {
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)}</title>
<style>${style}</style>
<body>
<main>
${body}
</main>
</body>
</html>
`
}

export function sendPage(reply: FastifyReply, { policy }: PageLook, language: Language, page: string): FastifyReply {
  return reply
    .headers({ 'content-security-policy': policy, vary: 'accept-language', 'content-language': language })
    .header('x-robots-tag', 'noindex, nofollow')
    .type('text/html; charset=utf-8')
    .send(page)
}

/** As the page's own link asks for it, else as the browser does. */
export function languageFor(request: FastifyRequest): Language {
  const { lang } = request.query as { lang?: string | string[] }
  return languageOf([lang].flat()[0], request.headers['accept-language'] ?? 'zh-CN')
}

/** Forms of our pages, for the routes of this plug-in. */
export function acceptForms(app: FastifyInstance, bodyLimit: number = formBytes): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit },
    (_request, text: string, done) => done(null, Object.fromEntries(new URLSearchParams(text))),
  )
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
