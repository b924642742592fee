import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  schema: './stores/operations/schema.ts',
  out: './stores/operations/migrations',
})
