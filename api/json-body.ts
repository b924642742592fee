import type { FastifyInstance } from 'fastify'
import { ExpectedError } from '../core/errors.ts'

/**
 * The one parser of bodies. JSON only; an empty body is none, whatever its content type says; keys that would reach for a
 * prototype and keys that stand twice (two readers would take two meanings) are refused.
 */
export function acceptJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  acceptNothing(app)
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text: string, done) => {
    if (text.trim() === '') return done(null, undefined)
    parse(request, text, (error, value) => {
      const twice = error ? undefined : repeatedKey(text)
      if (twice === undefined) return done(error, value)
      done(new ExpectedError('invalid', `The body is wrong: the key ${twice.slice(0, 100)} stands twice in one object`))
    })
  })
}

/** A program that says `application/x-www-form-urlencoded` and sends nothing has sent nothing. */
function acceptNothing(app: FastifyInstance): void {
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, text: string, done) => {
    if (text.trim() === '') return done(null, undefined)
    done(Object.assign(new Error('not JSON'), { statusCode: 415 }))
  })
}

/** The first key that stands twice in an object of this text, which is valid JSON. */
export function repeatedKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = []
  // strings (a key when a colon follows) and brackets; the rest does not matter
  for (const [token, string, colon] of text.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[[\]{}]/g)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (string !== undefined && colon !== undefined) {
      const key: string = JSON.parse(string)
      if (open.at(-1)?.has(key)) return string
      open.at(-1)?.add(key)
    }
  }
  return undefined
}
