//go:build !linux

package lemmas

func largePages([]byte) {}
