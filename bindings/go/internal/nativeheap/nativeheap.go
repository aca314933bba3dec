//go:build cgo

package nativeheap

/*
#include <stddef.h>
#include <stdlib.h>
#if defined(__GLIBC__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 33)
#include <malloc.h>
#define HAS_MALLINFO2 1
#endif
#endif

static size_t in_use(void) {
#ifdef HAS_MALLINFO2
	struct mallinfo2 all = mallinfo2();
	return all.uordblks + all.hblkhd;
#else
	return 0;
#endif
}
*/
import "C"

// InUse is the number of bytes that malloc has handed out and not got back, in all arenas; 0
// where the C library does not tell (glibc 2.33 and later does).
func InUse() int { return int(C.in_use()) }
