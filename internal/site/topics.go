package site

import (
	"context"

	"otklik/internal/account"
	"otklik/internal/topic"
)

// A TopicEditor edits the taxonomy and remembers its versions.
type TopicEditor interface {
	// MayEditTopics reports whether EditTopics would refuse who for what they are.
	MayEditTopics(who account.Actor) bool
	// EditTopics makes the next version from the version that the author saw. It is
	// a fault.Conflict when another is in force.
	EditTopics(ctx context.Context, who account.Actor, version int, e topic.Edit) (*topic.Taxonomy, error)
	// TopicVersions returns the versions, newest first; none before the first edit.
	TopicVersions(ctx context.Context) ([]Version, error)
}
