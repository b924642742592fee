import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Role, roles } from '../core/account.ts'
import { ExpectedError } from '../core/errors.ts'
import { blind, type Sight, type Sighted, sighted, sightOf } from '../core/sight.ts'
import type { DenialAudit } from '../registry/denials.ts'
import { WrongFields } from '../registry/fields.ts'
import type { Operations } from '../stores/operations/port.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the `id` in its path names. Whoever does not see it gets the answer for what is not there. */
    of?: Sighted
  }
  interface FastifyRequest {
    /** What the caller sees here: lists, exports, figures and streams are cut to it. */
    sight: Sight
    /**
     * Something that the body names, or leaves out.
     * @throws {WrongFields} when the caller sees only some things, and not this one
     */
    mustSee(what: Sighted, id: string | null | undefined, field: string): Promise<void>
  }
}

/*
 * Who may call what. A route names its roles, and what its id is; one that names none is for operators of all there is.
 */

/** Who sees what is found, and what is done about it. */
export const watchers = ['operator', 'duty-room', 'district', 'technician', 'maintainer', 'insurer'] as const
/** Who sees devices and where they are. */
export const everyone = roles
/** Who decides what becomes of an order. */
export const dispatchers = ['operator', 'duty-room'] as const
/** Who is on the way, or says so for those who are. */
export const crews = [...dispatchers, 'technician', 'maintainer'] as const
export const crewsAndInspectors = [...crews, 'insurer'] as const
export const inspectors = [...dispatchers, 'insurer'] as const
/** Who says that an elevator was maintained. */
export const visitors = ['operator', 'technician', 'maintainer'] as const
/** Who brings devices and gateways into service. */
export const installers = ['operator', 'installer'] as const
/** Who answers for places, not for devices alone. */
export const placed = ['operator', 'duty-room', 'district'] as const
export const exporters = ['operator', 'district'] as const
/** Who sees contracts. */
export const companies = ['operator', 'maintainer', 'insurer'] as const
/** Who has work done on elevators, and who pays for it. */
export const menders = ['operator', 'maintainer'] as const
export const settlers = ['operator', 'insurer'] as const
/** Who sees what is proposed and paid. */
export const reviewers = ['operator', 'district', 'maintainer', 'insurer'] as const
export const operators = ['operator'] as const

/** `config` of a route, and of what its id names. */
export function forRoles(of: Sighted | null, allowed: readonly Role[]) {
  return { roles: allowed, ...(of !== null && { of }) }
}

interface ScopeOptions {
  readonly operations: Pick<Operations, 'sees'>
  readonly denials?: DenialAudit | undefined
}

/**
 * The one place that decides what a request reaches: the sight that every list is cut to, and whether what its path or its body
 * names is in it. What is foreign and what is not there cannot be told apart by the answer.
 */
export function limitSight(app: FastifyInstance, { operations, denials }: ScopeOptions): void {
  app.decorateRequest('sight')
  app.decorateRequest('mustSee', async function (this: FastifyRequest, what, id, field) {
    if (this.sight === 'everything' || (id != null && (await isSeen(this, what, id)))) return
    const message = id == null ? `is needed: a ${sighted[what]} of yours` : `there is no ${sighted[what]} ${id}`
    throw new WrongFields([{ path: field, message }])
  })
  app.addHook('onRoute', ({ url, config }) => {
    const names = /^\/api\/v1\/(?!me\/|runbooks\/|quality\/templates\/|quality\/kpis\/)(.*\/)?:/.test(url)
    if (names && config?.roles !== undefined && config.of === undefined) {
      throw new Error(`${url} must say what its id names`)
    }
  })
  app.addHook('onRequest', async (request) => {
    const { viewer, routeOptions } = request
    const { roles } = routeOptions.config
    // a route that names no roles has let in operators of all there is, and a public one nobody
    const isPublic = viewer.memberships.length === 0
    request.sight = isPublic ? blind : roles === undefined ? 'everything' : sightOf(viewer.memberships, roles)
  })
  app.addHook('preHandler', async (request) => {
    const { of } = request.routeOptions.config
    if (of === undefined) return
    const { id = '', sha256 = id } = request.params as Readonly<Record<string, string>>
    if (await isSeen(request, of, sha256)) return
    throw new ExpectedError('not-found', `There is no ${sighted[of]} ${sha256}`)
  })

  async function isSeen(request: FastifyRequest, what: Sighted, id: string): Promise<boolean> {
    const { sight } = request
    if (sight === 'everything' || (await operations.sees(sight, what, id))) return true
    if (await operations.sees('everything', what, id)) note(request, id)
    return false
  }

  function note(request: FastifyRequest, subject: string): void {
    const { actor, ip: address } = request
    denials?.note({ actor, why: 'foreign', route: routeOf(request), subject, address })
  }
}

/** `GET /api/v1/devices/:id` */
export function routeOf({ method, routeOptions }: FastifyRequest): string {
  return `${method} ${routeOptions.url ?? ''}`
}
