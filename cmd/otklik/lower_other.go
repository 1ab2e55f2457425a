//go:build !linux

package main

// lower leaves the priority as it is: one thread is all that learning takes.
func lower() {}
