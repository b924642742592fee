export * from './schema/orders.ts'
export * from './schema/people.ts'
export * from './schema/records.ts'
export * from './schema/registry.ts'
