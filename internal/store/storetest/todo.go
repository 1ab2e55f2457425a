package storetest

import "testing"

func once(t *testing.T, s Store)        {}
func orders(t *testing.T, s Store)      {}
func timeless(t *testing.T, s Store)    {}
func has(t *testing.T, s Store)         {}
func readings(t *testing.T, s Store)    {}
func threads(t *testing.T, s Store)     {}
func opening(t *testing.T, s Store)     {}
func versions(t *testing.T, s Store)    {}
func attaching(t *testing.T, s Store)   {}
func history(t *testing.T, s Store)     {}
func scopes(t *testing.T, s Store)      {}
func queue(t *testing.T, s Store)       {}
func search(t *testing.T, s Store)      {}
func near(t *testing.T, s Store)        {}
func replying(t *testing.T, s Store)    {}
func outbox(t *testing.T, s Store)      {}
func interrupted(t *testing.T, s Store) {}
func pushing(t *testing.T, s Store)     {}
func cursors(t *testing.T, s Store)     {}
func aside(t *testing.T, s Store)       {}
func sources(t *testing.T, s Store)     {}
func agencies(t *testing.T, s Store)    {}
func accounts(t *testing.T, s Store)    {}
func auditing(t *testing.T, s Store)    {}
func reference(t *testing.T, s Store)   {}
