package site

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/message"
	"otklik/internal/source"
)

// A SourceKeeper adds, changes and tries sources and keys. roster.Roster is one.
type SourceKeeper interface {
	MayEdit(who account.Actor) bool
	Recognise(ctx context.Context, who account.Actor, link string) (*source.Guess, error)
	Save(ctx context.Context, who account.Actor, s *source.Source) error
	Pause(ctx context.Context, who account.Actor, number int64, paused bool) error
	Remove(ctx context.Context, who account.Actor, number int64) error
	Try(ctx context.Context, who account.Actor, s source.Source) ([]message.Message, error)
	SaveKey(ctx context.Context, who account.Actor, k *source.Key) error
	RemoveKey(ctx context.Context, who account.Actor, number int64) error
	// Back asks for what was written in the last days; StopBack ends that.
	Back(ctx context.Context, who account.Actor, number int64, days int) error
	StopBack(ctx context.Context, who account.Actor, number int64) error
	// NoPast says why a source gives no past; "" where it does.
	NoPast(s *source.Source) string
	// Proposed returns communities that messages link to and nobody reads; Never drops one.
	Proposed(ctx context.Context, who account.Actor) ([]source.Mention, error)
	Never(ctx context.Context, who account.Actor, link string) error
	// Keyed returns the kinds that want a key.
	Keyed() []source.Kind
}

// SourceFields are what people write of some sources beside their names: the servers of a
// mailbox. A SourceKeeper may have them.
type SourceFields interface {
	Fields(s *source.Source) []source.Field
	SetFields(s *source.Source, values map[string]string) error
}

// SenderKeeper is the part of a keeper of sources that connects systems which push messages
// to us.
type SenderKeeper interface {
	// Connect keeps a new one and returns its secret, this once; code is its short name, ""
	// for one made of its name.
	Connect(ctx context.Context, who account.Actor, s *source.Source, code string) (secret string, err error)
	// Rotate gives it a new secret; the one before is good for a day, or ends now.
	Rotate(ctx context.Context, who account.Actor, number int64, now bool) (secret string, err error)
	// Until says how long the secret before the one in force is still good; zero: there is none.
	Until(id string) time.Time
	Refused(id string) source.Refusal
}

// SourceSurveys is the part of a keeper of sources that says what a description finds.
type SourceSurveys interface {
	Survey(ctx context.Context, who account.Actor, s source.Source) (*source.Survey, error)
}

// A Riddler shows people what the networks of sources ask of them (captchas), and takes their
// answers. roster.Roster is one.
type Riddler interface {
	Asked(ctx context.Context, who account.Actor, number int64) (source.Riddle, bool)
	// Riddles returns all that wait, one asked of several sources once.
	Riddles(ctx context.Context, who account.Actor) ([]source.Waiting, error)
	Picture(ctx context.Context, who account.Actor, number int64) (picture []byte, mediaType string, err error)
	Solve(ctx context.Context, who account.Actor, number int64, key, answer string) error
}
