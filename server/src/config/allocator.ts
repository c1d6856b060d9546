/**
 * How long the allocator inside DuckDB keeps what was freed before the system gets it back, in ms. Its own 10 s are longer than
 * the time between two checkpoints, so that what each of them takes for a moment would always be held.
 */
const KEEP_MS = 500;

/** Has DuckDB's allocator (jemalloc) give freed memory back soon. To be called before DuckDB is loaded: it reads this once. */
export function frugalAllocator(): void {
  process.env.DUCKDB_JE_MALLOC_CONF ??= `dirty_decay_ms:${KEEP_MS},muzzy_decay_ms:0`;
}
