package kind

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
	"sync"

	"otklik/internal/russian"
)

// A Judge decides about texts. It is safe for concurrent use.
type Judge struct {
	lex    *lexicon
	g      groups
	model  *model
	urgent *urgent
	peril  *urgent
	rules  rules
	outer  russian.TermIndex // words of pleas outside any competence
	idles  russian.TermIndex // words of small talk
	room   sync.Pool         // *signals
}

// rules are the groups that tell kinds apart.
type rules struct {
	problem, strong, broken, want, thanks, rumour, ad, news uint64
	askinfo, demand, propose, suggest, source               uint64
	wish                                                    uint64 // what an author wants or has gone through, for evidence
	wronged                                                 uint64 // something has gone wrong, which a rumour does not say
	wrong, tells                                            uint64 // for small talk: something is bad; something is told at all
}

// New returns a judge with the shipped lexicon and weights. An error says that
// the program was built with damaged files.
func New(r Reader) (*Judge, error) {
	loose, own, err := readWords(wordsText)
	if err != nil {
		return nil, err
	}
	lex, err := newLexicon(lexiconText, r, loose...)
	if err != nil {
		return nil, err
	}
	m, err := readModel(weightsText, lex)
	if err != nil {
		return nil, err
	}
	m.loosen(lex, loose, own)
	lex.keep(m.words)
	u, err := newUrgent(r)
	if err != nil {
		return nil, err
	}
	p, err := newPeril(r)
	if err != nil {
		return nil, err
	}
	j := &Judge{lex: lex, g: lex.groups(), model: m, urgent: u, peril: p, outer: outsideTerms(), idles: idleTerms()}
	j.rules = rules{
		problem: lex.group("damage", "filth", "bad", "lack", "notdone", "danger", "outrage"),
		strong:  lex.group("damage", "filth", "notdone", "danger", "outrage"),
		broken:  lex.group("damage", "filth", "danger", "outrage"),
		want:    lex.group("plead", "demand"),
		askinfo: lex.group("askinfo"), demand: lex.group("demand"), propose: lex.group("propose"), suggest: lex.group("suggest"), source: lex.group("source"),
		wish:    lex.group("complain", "duration", "propose", "suggest", "build"),
		wronged: lex.group("damage", "notdone", "outrage"),
		wrong:   lex.group("damage", "bad", "lack", "notdone", "danger", "outrage"),
		tells:   lex.group("damage", "filth", "bad", "lack", "notdone", "danger", "outrage", "plead", "demand", "complain"),
		thanks:  lex.group("thanks"),
		rumour:  lex.group("rumour"),
		ad:      lex.group("ad"),
		news:    lex.group("say", "source", "crime", "war", "money", "culture", "sport", "weather", "science", "official", "world", "person", "happen"),
	}
	j.room.New = func() any { return new(signals) }
	return j, nil
}

// Voices move the threshold by these factors of the odds: a comment is ours
// sooner than the same words in a post of a news page.
const (
	residentOdds = 0.5
	officialOdds = 4
	oursOdds     = 0.2
)

func (j *Judge) threshold(c Context) float64 {
	odds := j.model.threshold / (1 - j.model.threshold)
	switch {
	case c.Ours:
		odds *= oursOdds
	case c.Voice == Resident:
		odds *= residentOdds
	case c.Voice == Official:
		odds *= officialOdds
	}
	return odds / (1 + odds)
}

// Decide says what sort of message t is.
//
// Concerns is the model's: Score reaches Threshold, which the context moves.
// The kind of a message that concerns us is one that wants something, unless
// it only thanks or only passes a rumour on; that of any other message is one
// that wants nothing.
func (j *Judge) Decide(t *russian.Text, c Context) Decision {
	s := j.room.Get().(*signals)
	defer j.room.Put(s)
	j.lex.look(t, &j.g, s)
	d := Decision{Score: j.model.score(s.x, s.seen.list), Threshold: j.threshold(c), Urgency: Normal}
	d.Concerns = d.Score >= d.Threshold && s.words > 0
	deed, thing, out := j.outside(t)
	if out && (s.any(j.rules.want) || s.x[fImpr] > 0) && !s.any(j.rules.strong) && s.words <= 40 {
		d.Concerns, d.Outside, d.Kind = true, true, Proposal
		d.Why = "просьба вне чьей-либо компетенции: хранится без инцидента"
		for _, i := range []int{min(deed, thing), max(deed, thing)} {
			d.Evidence = append(d.Evidence, Evidence{t.Tokens[i].Start, t.Tokens[i].End, "outside", "отмена общего порядка"})
		}
		return d
	}
	if d.Concerns && j.idle(t, s, &d, c.Ours) {
		d.Concerns = false
	}
	// What was said to us, or by a resident in a thread that we watch, and tells of a
	// danger is ours in whatever words.
	if !d.Concerns && (c.Ours || c.Voice == Resident) && s.words > 0 && j.endangers(t) {
		d.Concerns = true
	}
	if d.Concerns && !c.Ours && j.sells(s) {
		d.Concerns = false
	}
	if !d.Concerns {
		d.Kind = j.foreign(s)
		d.Why = foreignWhy[d.Kind]
		return d
	}
	d.Kind = j.ours(s)
	d.Complaint = d.Kind == Complaint
	j.explain(&d, t, s)
	if d.Kind == Complaint || d.Kind == Question || d.Kind == Proposal {
		j.urge(&d, t, s)
	}
	return d
}

func (s *signals) any(group uint64) bool { return s.sum(group) > 0 }

// anyBut reports whether a word is of the group and not of the other: «хочу
// поблагодарить» wants nothing.
func (s *signals) anyBut(group, other uint64) bool {
	for _, mask := range s.tokens {
		if mask&group != 0 && mask&other == 0 {
			return true
		}
	}
	return false
}

// opensWith reports whether one of the first two tokens is of the group: «Продам
// коляску».
func (s *signals) opensWith(group uint64) bool {
	for _, mask := range s.tokens[:min(2, len(s.tokens))] {
		if mask&group != 0 {
			return true
		}
	}
	return false
}

// sum counts words of the group.
func (s *signals) sum(group uint64) int {
	n := 0
	for m := group; m != 0; m &= m - 1 {
		n += int(s.count[bits.TrailingZeros64(m)])
	}
	return n
}

// sells reports whether the text begins as an advertisement and nobody asks or
// complains in it: «Требуется продавец, зарплата …».
func (j *Judge) sells(s *signals) bool {
	r := &j.rules
	return s.opensWith(r.ad) && s.sum(r.ad) >= 2 && !s.any(r.want|r.askinfo|r.wronged) && s.x[fQuestion] == 0
}

// ours names the kind of a message that concerns us.
func (j *Judge) ours(s *signals) Kind {
	r := &j.rules
	asks := s.x[fQuestion] > 0 || s.any(r.askinfo)
	switch {
	case s.any(r.thanks) && !s.any(r.problem) && !asks && !s.anyBut(r.want, r.thanks) && !s.any(r.propose|r.suggest):
		return Thanks
	case s.sum(r.rumour) >= 2 && !s.any(r.wronged|r.want|r.askinfo):
		return Rumour
	case s.any(r.suggest) && !s.any(r.broken):
		return Proposal
	case asks && !s.any(r.strong|r.demand) && s.x[fLackOf] == 0:
		return Question
	}
	return Complaint
}

// foreign names the kind of a message that does not concern us.
func (j *Judge) foreign(s *signals) Kind {
	r := &j.rules
	news := s.sum(r.news)
	switch {
	case s.any(r.thanks) && news <= 1:
		return Thanks
	case s.sum(r.ad) >= 2 && s.sum(r.ad) >= news, s.opensWith(r.ad) && !s.any(r.problem):
		return Advertisement
	case (s.sum(r.rumour) >= 2 || s.any(r.rumour) && s.x[fQuestion] > 0) && !s.any(r.source):
		return Rumour
	case news >= 2 || news == 1 && s.words >= 6 || s.x[fLinks] > 0 && s.words >= 6 || s.x[fDash] > 0:
		return Announcement
	}
	return Noise
}

var foreignWhy = map[Kind]string{
	Thanks:        "благодарность, ничего не просят",
	Advertisement: "похоже на рекламу",
	Rumour:        "слух, ничего не просят",
	Announcement:  "похоже на новость или объявление",
	Noise:         "ничего не просят и ни о чём не сообщают",
}

var oursWhy = map[Kind]string{
	Complaint: "жалоба",
	Question:  "вопрос",
	Proposal:  "предложение",
	Thanks:    "благодарность",
	Rumour:    "слух",
}

// evidences is how many words one decision shows for its kind.
const evidences = 6

// tier ranks a class as evidence for a kind: what is wrong comes first, then with
// what, then what the author wants. The last tier (greetings, pronouns, words of
// place) is shown only when nothing else speaks.
func (j *Judge) tier(class int, k Kind) int {
	bit := uint64(1) << class
	switch r := &j.rules; {
	case j.g.trouble&bit != 0, k == Thanks && r.thanks&bit != 0, k == Rumour && r.rumour&bit != 0, k == Proposal && (r.propose|r.suggest)&bit != 0:
		return 0
	case j.g.thing&bit != 0:
		return 1
	case k == Question && j.g.ask&bit != 0:
		return 2
	case (r.want|r.askinfo|r.wish)&bit != 0:
		return 3
	}
	return lastTier
}

const lastTier = 4

// explain names the classes that speak for the kind, the most telling first.
func (j *Judge) explain(d *Decision, t *russian.Text, s *signals) {
	type part struct {
		class, tier, words int
		pull               float32
	}
	var parts [64]part
	n, of := 0, len(j.lex.names)
	for c := range of {
		if s.count[c] == 0 {
			continue
		}
		p := part{class: c, tier: j.tier(c, d.Kind), pull: j.model.weights[builtin+c] + j.model.weights[builtin+of+c]*s.x[builtin+of+c]}
		if p.tier == lastTier && p.pull <= 0.2 {
			continue
		}
		if p.words = j.lex.reach(t.Tokens, int(s.first[c]), class(c)); p.words == 0 { // only an unlikely reading of the word says so
			p.tier, p.words = lastTier, 1
		}
		if p.tier < lastTier || p.pull > 0.2 {
			parts[n] = p
			n++
		}
	}
	slices.SortFunc(parts[:n], func(a, b part) int {
		return cmp.Or(cmp.Compare(a.tier, b.tier), cmp.Compare(b.pull, a.pull))
	})
	if n > 0 && parts[0].tier < lastTier {
		n = slices.IndexFunc(append(parts[:n:n], part{tier: lastTier}), func(p part) bool { return p.tier == lastTier })
	}
	var why strings.Builder
	why.WriteString(oursWhy[d.Kind])
	d.Evidence = make([]Evidence, 0, n+2)
	for _, p := range parts[:n] {
		at := int(s.first[p.class])
		e := Evidence{t.Tokens[at].Start, t.Tokens[at+p.words-1].End, "kind", j.lex.labels[p.class]}
		if slices.ContainsFunc(d.Evidence, func(o Evidence) bool { return e.Start < o.End && o.Start < e.End }) {
			continue // these words have spoken
		}
		if i := len(d.Evidence); i < 3 {
			why.WriteString([]string{": ", "; ", "; "}[i])
			why.WriteString(e.Why)
		}
		if d.Evidence = append(d.Evidence, e); len(d.Evidence) == evidences {
			break
		}
	}
	d.Why = why.String()
}

// endangers reports whether the text tells of a danger.
func (j *Judge) endangers(t *russian.Text) bool {
	urgency, _, _, _ := j.danger(t, nil) // the masks of s stay, for the kind
	return urgency == Danger
}

// danger says how urgent the text is: a danger of things first, then of people.
func (j *Judge) danger(t *russian.Text, room []uint64) (Urgency, string, [3]int32, []uint64) {
	urgency, why, at, masks := j.urgent.judge(t, room)
	if urgency != Danger {
		if u, w, a, m := j.peril.judge(t, masks); u == Danger {
			return u, w, a, m
		}
	}
	return urgency, why, at, masks
}

// urge sets the urgency with its evidence.
func (j *Judge) urge(d *Decision, t *russian.Text, s *signals) {
	urgency, why, at, masks := j.danger(t, s.tokens)
	s.tokens = masks
	d.Urgency = urgency
	for _, i := range at {
		if i >= 0 {
			d.Evidence = append(d.Evidence, Evidence{t.Tokens[i].Start, t.Tokens[i].End, "urgency", why})
		}
	}
}
