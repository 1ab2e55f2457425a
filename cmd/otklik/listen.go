package main

import (
	"net"

	"otklik/internal/fault"
)

func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "%w", err).Mend("choose another address with --addr, for instance --addr 127.0.0.1:0")
	}
	return l, nil
}
