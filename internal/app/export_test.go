package app

import "net/http"

// Handler is the handler of the whole service, for tests.
func Handler(a *App) (http.Handler, error) { return a.handler(nil) }

// Conceal covers what leaves for the assistant.
func Conceal(a *App, text string, names []string) string { return a.conceal(text, names) }

// FileHosts are the hosts that keep the pictures of each source.
func FileHosts(a *App) map[string][]string { return a.fileHosts() }
