/**
 * How long the allocator inside DuckDB keeps what was freed before the system gets it back, in ms. A checkpoint frees what it
 * writes piece by piece while it takes as much again for the blocks: kept for half a second, both would be held at once.
 */
const KEEP_MS = 0;

/** Has DuckDB's allocator (jemalloc) give freed memory back at once, and keep one arena instead of eight. To be called before DuckDB is loaded: it reads this once. */
export function frugalAllocator(): void {
  process.env.DUCKDB_JE_MALLOC_CONF ??= `dirty_decay_ms:${KEEP_MS},muzzy_decay_ms:0,narenas:1`;
}
