package source

import (
	"testing"
	"time"

	"otklik/internal/message"
)

func TestAPlanSaysHowLongASourceMaySleep(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	s := &message.SourceState{Channel: message.VK, ReadAt: now.Add(-9 * time.Hour)}
	at := func(last, next time.Duration) Rhythm { return Rhythm{now.Add(last), now.Add(next)} }
	failed := *s
	failed.Error = "Ключ отозван."
	for _, c := range []struct {
		name  string
		state *message.SourceState
		plan  Rhythm
		want  Fare
	}{
		{"it sleeps", s, at(-9*time.Hour, time.Hour), Good},
		{"its turn comes a little late", s, at(-9*time.Hour, -time.Hour), Good},
		{"its turn does not come", s, at(-9*time.Hour, -3*time.Hour), Stale},
		{"it was looked at and had nothing new", s, at(-10*time.Minute, -3*time.Hour), Good},
		{"nothing is planned yet", s, Rhythm{}, Stale},
		{"it fails", &failed, at(-9*time.Hour, time.Hour), Bad},
	} {
		if got := FareBy(&Source{}, c.state, c.plan, now); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := FareBy(&Source{Paused: true}, s, at(-9*time.Hour, time.Hour), now); got != Halted {
		t.Errorf("on a pause: %q", got)
	}
}

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
