/** What a page gets; here and not with the routes, which load the pages. */
export interface PageProps {
  /** What the route's pattern names: of "/orders/:id", `id`. */
  readonly params: Readonly<Record<string, string>>
}
