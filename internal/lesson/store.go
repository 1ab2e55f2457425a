package lesson

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// A Store keeps versions and yields what they are learnt from.
type Store interface {
	// Decisions returns the last incidents that people decided about, newest first, at
	// most limit: with a topic that a person gave, or accepted with the machine's.
	// Refused and duplicate ones teach nothing; what was erased or deleted is not there.
	Decisions(ctx context.Context, sc scope.Scope, limit int) ([]Decision, error)
	// Kept returns the agencies that took the last incidents of a topic and kept them,
	// newest first, at most limit. centre may be "".
	Kept(ctx context.Context, sc scope.Scope, t topic.Code, centre string, limit int) ([]int64, error)
	// Add stores a version with its model file and sets its ID. It is a Conflict when the number is
	// taken, or when it is Active and another one is.
	Add(ctx context.Context, v *Version, model []byte) error
	// Turn changes the state of a version. It is a Conflict when the stored state is
	// not v.State any more, or when another version is active and to is Active.
	Turn(ctx context.Context, v *Version, to State, who account.ID, at time.Time) error
	// Versions returns the versions of a subject in a region, newest first.
	Versions(ctx context.Context, region string, s Subject) ([]Version, error)
	// ActiveNumber returns the number of the active version, 0 when none is.
	ActiveNumber(ctx context.Context, region string, s Subject) (int, error)
	// Model returns the model file of a version.
	Model(ctx context.Context, region string, s Subject, number int) ([]byte, error)
	// ClaimNight reports whether the caller is the first to claim the night: of all
	// processes of an installation one learns.
	ClaimNight(ctx context.Context, region, night string) (bool, error)
}
