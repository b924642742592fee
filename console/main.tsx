import { render } from 'preact'
import { App } from './app.tsx'
import { startTicking } from './shared/clock.ts'
import { startRouter } from './shared/router.ts'
import { applyTheme } from './shared/theme.ts'
import './shared/tokens.css'
import './shared/base.css'

const root = document.getElementById('app')
if (root === null) throw new Error('the page has no place for the app')
startRouter()
startTicking()
applyTheme()
render(<App />, root)
