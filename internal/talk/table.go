package talk

import "slices"

// A Move is one line of the table: from where a talk may come where, and by what.
type Move struct {
	From, To Step
	By       string // words (or a picture, a point), button, command, silence
}

// By what a talk moves.
const (
	ByWords   = "words"
	ByButton  = "button"
	ByCommand = "command"
	BySilence = "silence"
)

// Table returns the moves that change the step. Next makes no other (a test walks it), and
// the diagram in docs/talks.md is drawn from it.
func Table() []Move { return slices.Clone(moves) }

// By says by what an input moves a talk.
func (in *Input) By(s State) string {
	t := &turn{s: s, in: *in}
	switch {
	case in.Silence:
		return BySilence
	case in.Pressed != "":
		return ByButton
	case in.Danger:
		return ByWords
	}
	if t.number(); t.in.Pressed != "" {
		return ByButton
	}
	if t.f = (nobody{}); t.command() {
		return ByCommand
	}
	return ByWords
}

type nobody struct{}

func (nobody) Alike(Draft) []Case                 { return nil }
func (nobody) Mine() []Case                       { return nil }
func (nobody) Numbered(string) (Case, bool, bool) { return Case{}, false, false }

var moves = slices.Concat(
	lead(Idle, ByWords, Which, What, Where, Choose, Near, Photo, Confirm, Number),
	lead(Idle, ByButton, What, Number, Why),
	lead(Idle, ByCommand, What, Number),
	lead(Which, ByWords, Idle, Where, Choose, Near, Photo, Confirm),
	lead(Which, ByButton, Idle, What, Where, Choose, Near, Photo, Confirm),
	lead(Which, ByCommand, Idle, What),
	lead(Which, BySilence, Idle),
	lead(What, ByWords, Idle, Where, Choose, Near, Photo, Confirm),
	lead(What, ByButton, Idle),
	lead(What, ByCommand, Idle),
	lead(What, BySilence, Idle),
	lead(Where, ByWords, Idle, Choose, Near, Photo, Confirm),
	lead(Where, ByButton, Idle, What, Photo, Confirm),
	lead(Where, ByCommand, Idle, What),
	lead(Where, BySilence, Idle),
	lead(Choose, ByWords, Idle, Where, Near, Photo, Confirm),
	lead(Choose, ByButton, Idle, What, Where, Near, Photo, Confirm),
	lead(Choose, ByCommand, Idle, What),
	lead(Choose, BySilence, Idle),
	lead(Near, ByWords, Idle, Photo),
	lead(Near, ByButton, Idle, What, Photo, Confirm),
	lead(Near, ByCommand, Idle, What),
	lead(Near, BySilence, Idle),
	lead(Photo, ByWords, Idle, Near, Confirm),
	lead(Photo, ByButton, Idle, What, Confirm),
	lead(Photo, ByCommand, Idle, What),
	lead(Photo, BySilence, Idle),
	lead(Confirm, ByWords, Idle, Near),
	lead(Confirm, ByButton, Idle, What, Where),
	lead(Confirm, ByCommand, Idle, What),
	lead(Confirm, BySilence, Idle),
	lead(Number, ByWords, Idle, Which, What, Where, Choose, Near, Photo),
	lead(Number, ByButton, Idle, What),
	lead(Number, ByCommand, Idle, What),
	lead(Number, BySilence, Idle),
	lead(Why, ByWords, Idle),
	lead(Why, ByButton, Idle, What),
	lead(Why, ByCommand, Idle, What),
	lead(Why, BySilence, Idle),
)

func lead(from Step, by string, to ...Step) (out []Move) {
	for _, t := range to {
		out = append(out, Move{from, t, by})
	}
	return out
}
