package staff

import (
	"context"
	"testing"

	"otklik/internal/account"
)

// PageForTest returns the first page of the queue, to be rendered again and again.
func PageForTest(tb testing.TB, s *Staff, me *account.Account) *QueuePage {
	tb.Helper()
	p, err := s.queuePage(context.Background(), me, Query{})
	if err != nil {
		tb.Fatal(err)
	}
	p.Chrome = Chrome{Who: me, Area: "queue", Here: "/desk"}
	return p
}

// MissingWords is missingWords.
var MissingWords = missingWords

// ActionIcons is actionIcons.
var ActionIcons = actionIcons
