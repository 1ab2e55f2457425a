package lemmas

import (
	"syscall"
	"unsafe"
)

// largePages asks for pages of two megabytes for room that is read here and there:
// of four-kilobyte pages a processor knows too few to find the next word without a
// search of its own. A kernel that has none goes on as before.
func largePages(room []byte) {
	const page = 2 << 20
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(room)))) & (page - 1)
	if whole := (len(room) - skip) &^ (page - 1); whole > 0 {
		_ = syscall.Madvise(room[skip:skip+whole], syscall.MADV_HUGEPAGE)
	}
}
