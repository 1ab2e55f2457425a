package source

import (
	"testing"
	"time"

	"otklik/internal/message"
)

func TestASourceIsSilentByItsOwnRhythm(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	read := func(ago time.Duration) *message.SourceState {
		return &message.SourceState{Channel: message.News, ReadAt: now.Add(-ago)}
	}
	failed := read(0)
	failed.Error = "Ключ отозван."
	for _, c := range []struct {
		name  string
		kept  *Source
		state *message.SourceState
		want  Fare
	}{
		{"read just now", &Source{}, read(time.Minute), Good},
		{"half an hour and more", &Source{}, read(31 * time.Minute), Stale},
		{"read once a day", &Source{Every: 24 * time.Hour}, read(30 * time.Hour), Good},
		{"missed two days", &Source{Every: 24 * time.Hour}, read(49 * time.Hour), Stale},
		{"an account reads it", &Source{Via: "telegram:1"}, read(time.Hour), Good},
		{"never yet", &Source{}, &message.SourceState{}, Good},
		{"fails", &Source{}, failed, Bad},
		{"fails on a pause", &Source{Paused: true}, failed, Halted},
		{"a file of last year", nil, read(9000 * time.Hour), Good},
	} {
		if got := FareOf(c.kept, c.state, now); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
