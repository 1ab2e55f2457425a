package main

import (
	"os"
	"strconv"
	"syscall"
)

// lower gives every thread of this process the lowest priority; threads that begin
// later take it over. What cannot be lowered runs on as it is.
func lower() {
	list, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return
	}
	for _, e := range list {
		if id, err := strconv.Atoi(e.Name()); err == nil {
			_ = syscall.Setpriority(syscall.PRIO_PROCESS, id, 19)
		}
	}
}
