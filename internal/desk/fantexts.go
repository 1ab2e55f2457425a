package desk

import (
	"cmp"
	"slices"

	"otklik/internal/message"
	"otklik/internal/order"
	"otklik/internal/reply"
)

// A PlannedText is one wording of a reply to all, and where it goes.
type PlannedText struct {
	Text     string
	Missing  []string // variables without a value
	Threads  int
	Hand     []HandCount // of these a person must answer
	Channels []ChannelCount
}

// A HandCount is how many threads a person must answer for one reason.
type HandCount struct {
	Why     string
	Threads int
}

// A ChannelCount is how many threads there are at one network.
type ChannelCount struct {
	Channel message.Channel
	Threads int
}

// Texts returns every distinct wording of the plan: those that lack a variable
// first, then those that go to the most threads.
func (p *Plan) Texts() (out []PlannedText) {
	at := map[string]int{}
	for k := range p.Targets {
		t := &p.Targets[k]
		n, ok := at[t.Text]
		if !ok {
			n = len(out)
			at[t.Text] = n
			out = append(out, PlannedText{Text: t.Text, Missing: t.Missing})
		}
		w := &out[n]
		w.Threads++
		w.Channels = counted(w.Channels, t.Message.Channel)
		if t.Hand != "" {
			h := slices.IndexFunc(w.Hand, func(h HandCount) bool { return h.Why == t.Hand })
			if h < 0 {
				h = len(w.Hand)
				w.Hand = append(w.Hand, HandCount{Why: t.Hand})
			}
			w.Hand[h].Threads++
		}
	}
	order.By(out, func(a, b PlannedText) int {
		if lacks := cmp.Compare(min(len(b.Missing), 1), min(len(a.Missing), 1)); lacks != 0 {
			return lacks
		}
		return cmp.Compare(b.Threads, a.Threads)
	})
	return out
}

// Channels counts the threads of the plan by network, the most first.
func (p *Plan) Channels() (out []ChannelCount) {
	for k := range p.Targets {
		out = counted(out, p.Targets[k].Message.Channel)
	}
	order.By(out, func(a, b ChannelCount) int { return cmp.Compare(b.Threads, a.Threads) })
	return out
}

func counted(list []ChannelCount, c message.Channel) []ChannelCount {
	k := slices.IndexFunc(list, func(n ChannelCount) bool { return n.Channel == c })
	if k < 0 {
		k = len(list)
		list = append(list, ChannelCount{Channel: c})
	}
	list[k].Threads++
	return list
}

// Sample is the wording that the lint reads: that of the first message, whose words
// the complaint is, else of a thread that lacks nothing.
func (p *Plan) Sample(first message.ID) string {
	text, lacks := "", true
	for k := range p.Targets {
		t := &p.Targets[k]
		if t.Message.ID == first && len(t.Missing) == 0 {
			return t.Text
		}
		if text == "" || lacks && len(t.Missing) == 0 {
			text, lacks = t.Text, len(t.Missing) > 0
		}
	}
	return text
}

// lintSample notes on a reply to all what the lint thinks of one of its wordings.
func (s *step) lintSample(r *reply.Reply, sample, override string) error {
	read := *r
	if sample != "" {
		read.Text = sample
	}
	err := s.lint(&read, override, reply.Lint{})
	r.Lint = read.Lint
	return err
}
