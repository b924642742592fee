import type { ComponentType } from 'preact'
import { deviceRoles } from './device/roles.ts'
import { inspectionRoles, reviewRoles, safetyRoles } from './insurer/roles.ts'
import type { PageProps } from './shared/page-props.ts'
import { dutyRoles } from './shared/roles.ts'
import type { Theme } from './shared/theme.ts'
import type { Role } from './shared/wire.ts'

export interface Route {
  /** Below `/console`. */
  readonly pattern: string
  /** Loaded when it is shown first: each page is a file of its own. */
  readonly load: () => Promise<{ Page: ComponentType<PageProps> }>
  /** Who is sent to sign in or elsewhere: only these see it; `everyone` needs no session. */
  readonly for: readonly Role[] | 'everyone'
  /** For who has chosen none. */
  readonly theme: Theme
  /** Weight of its script at the first visit, KB gzip; `test/console-size.test.ts` holds it. */
  readonly budgetKb: 60 | 120
}

export const routes: readonly Route[] = [
  { pattern: '/', load: () => import('./home/page.tsx'), for: 'everyone', theme: 'light', budgetKb: 60 },
  { pattern: '/sign-in', load: () => import('./sign-in/page.tsx'), for: 'everyone', theme: 'light', budgetKb: 60 },
  { pattern: '/o/:token', load: () => import('./crew/page.tsx'), for: 'everyone', theme: 'light', budgetKb: 60 },
  { pattern: '/crew', load: () => import('./crew/page.tsx'), for: 'everyone', theme: 'light', budgetKb: 60 },
  { pattern: '/crew/:id', load: () => import('./crew/page.tsx'), for: 'everyone', theme: 'light', budgetKb: 60 },
  { pattern: '/duty', load: () => import('./duty/page.tsx'), for: dutyRoles, theme: 'dark', budgetKb: 120 },
  {
    pattern: '/install',
    load: () => import('./installer/page.tsx'),
    for: ['operator', 'installer'],
    theme: 'light',
    budgetKb: 120,
  },
  {
    pattern: '/devices',
    load: () => import('./device/list-page.tsx'),
    for: deviceRoles,
    theme: 'light',
    budgetKb: 120,
  },
  { pattern: '/devices/:id', load: () => import('./device/page.tsx'), for: deviceRoles, theme: 'light', budgetKb: 120 },
  {
    pattern: '/labels',
    load: () => import('./lift/labels-page.tsx'),
    for: ['operator', 'installer'],
    theme: 'light',
    budgetKb: 60,
  },
  { pattern: '/operate', load: () => import('./operate/page.tsx'), for: ['operator'], theme: 'light', budgetKb: 120 },
  {
    pattern: '/review',
    load: () => import('./insurer/overview/page.tsx'),
    for: reviewRoles,
    theme: 'light',
    budgetKb: 120,
  },
  {
    pattern: '/review/figures/:kpi',
    load: () => import('./insurer/figures/page.tsx'),
    for: reviewRoles,
    theme: 'light',
    budgetKb: 120,
  },
  {
    pattern: '/review/orders/:id',
    load: () => import('./insurer/orders/page.tsx'),
    for: reviewRoles,
    theme: 'light',
    budgetKb: 120,
  },
  {
    pattern: '/review/visits',
    load: () => import('./insurer/visits/list-page.tsx'),
    for: reviewRoles,
    theme: 'light',
    budgetKb: 120,
  },
  {
    pattern: '/review/visits/:id',
    load: () => import('./insurer/visits/page.tsx'),
    for: reviewRoles,
    theme: 'light',
    budgetKb: 120,
  },
  {
    pattern: '/review/elevators/:id',
    load: () => import('./insurer/elevators/page.tsx'),
    for: reviewRoles,
    theme: 'light',
    budgetKb: 120,
  },
  {
    pattern: '/review/inspections',
    load: () => import('./insurer/inspections/list-page.tsx'),
    for: inspectionRoles,
    theme: 'light',
    budgetKb: 120,
  },
  {
    pattern: '/review/inspections/:id',
    load: () => import('./insurer/inspections/page.tsx'),
    for: inspectionRoles,
    theme: 'light',
    budgetKb: 120,
  },
  {
    pattern: '/review/overhauls',
    load: () => import('./insurer/overhauls/list-page.tsx'),
    for: reviewRoles,
    theme: 'light',
    budgetKb: 120,
  },
  {
    pattern: '/review/overhauls/:id',
    load: () => import('./insurer/overhauls/page.tsx'),
    for: reviewRoles,
    theme: 'light',
    budgetKb: 120,
  },
  {
    pattern: '/review/reports',
    load: () => import('./insurer/reports/page.tsx'),
    for: reviewRoles,
    theme: 'light',
    budgetKb: 120,
  },
  {
    pattern: '/review/safety',
    load: () => import('./insurer/safety/page.tsx'),
    for: safetyRoles,
    theme: 'light',
    budgetKb: 120,
  },
]
