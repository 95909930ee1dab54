#include "CWipingHeap.h"
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// `free` and `realloc` of the program that links this, before glibc's: `mallopt(M_PERTURB)` does not overwrite what a
// thread keeps for itself (tcache), and malloc without that took 40 % of the queue's speed.

extern void __libc_free(void *block);
extern void *__libc_realloc(void *block, size_t size);

static atomic_int overwrites;

void plue_overwrite_freed_memory(void) { atomic_store(&overwrites, 1); }

void free(void *block) {
    if (block && atomic_load_explicit(&overwrites, memory_order_relaxed)) memset(block, 0, malloc_usable_size(block));
    __libc_free(block);
}

void *realloc(void *block, size_t size) {
    if (!block || !atomic_load_explicit(&overwrites, memory_order_relaxed)) return __libc_realloc(block, size);
    if (size == 0) {
        free(block);
        return NULL;
    }
    // glibc's would leave the old block as it was where it moves, and the end of it where it becomes smaller.
    size_t usable = malloc_usable_size(block);
    if (size <= usable && size >= usable / 2) return block;
    void *moved = malloc(size);
    if (!moved) return NULL;
    memcpy(moved, block, size < usable ? size : usable);
    free(block);
    return moved;
}
