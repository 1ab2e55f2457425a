package app

import (
	"net/http"

	"otklik/internal/stream"
)

// Handler is the handler of the whole service, for tests.
func Handler(a *App) (http.Handler, error) { return a.handler(nil) }

// Conceal covers what leaves for the assistant.
func Conceal(a *App, text string, names []string) string { return a.conceal(text, names) }

// FileHosts are the hosts that keep the pictures of each source.
func FileHosts(a *App) map[string][]string { return a.fileHosts() }

// Take hands what was pushed to intake, as the running service does.
func Take(a *App) stream.Take { return a.take }
