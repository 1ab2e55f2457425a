package app

import "net/http"

// Handler is the handler of the whole service, for tests.
func Handler(a *App) (http.Handler, error) { return a.handler(nil) }
