#pragma once

/// From now on whatever this process gives back to the heap is overwritten first, by any of its threads and libraries.
void plue_overwrite_freed_memory(void);
