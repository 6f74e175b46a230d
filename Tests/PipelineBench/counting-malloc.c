// Counts what allocates, and the bytes that are held: preload it.
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static atomic_uint_fast64_t calls;
static atomic_int_fast64_t held;

uint64_t reallabor_allocations(void) { return atomic_load(&calls); }
int64_t reallabor_held_bytes(void) { return atomic_load(&held); }

static void *counted(void *block) {
    atomic_fetch_add(&calls, 1);
    atomic_fetch_add(&held, malloc_usable_size(block));
    return block;
}
static void leave(void *block) { atomic_fetch_sub(&held, malloc_usable_size(block)); }

void *malloc(size_t size) { return counted(__libc_malloc(size)); }
void *calloc(size_t count, size_t size) { return counted(__libc_calloc(count, size)); }
void *realloc(void *block, size_t size) {
    leave(block);
    return counted(__libc_realloc(block, size));
}
void *memalign(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }
void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void **block, size_t alignment, size_t size) {
    *block = memalign(alignment, size);
    return *block ? 0 : ENOMEM;
}
void free(void *block) {
    leave(block);
    __libc_free(block);
}
