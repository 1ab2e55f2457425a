// Package shield keeps abuse away from the residents' form without keeping residents away.
//
// Start with Shield.Check, which looks at one attempt to file a report and says one of four
// things: take it; take it, and a person looks because it resembles spam; show the form
// again with a small task (a computation that the browser does, or a question); or ask to
// come later. A task is asked for only when the rate or the reputation of an address, a
// contact or a place demands it. Nothing that was written is thrown away: who neither
// computes nor answers may send the report to a person's look.
//
// Rates and reputations live in memory, bounded, under keyed hashes (see Key): no address
// and no contact is kept. They are those of one process; they are gone when it ends.
package shield

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"otklik/internal/applicant"
	"otklik/internal/fault"
)

// Limits say what is much. A zero field has the default.
type Limits struct {
	Address   int   // reports of one address (of IPv6: one /64) in an hour before a task is asked for: 6
	Contact   int   // of one contact in an hour: 5
	Place     int   // about one place in an hour, before what comes there is asked for a task: 60
	Unchecked int   // reports of one address in an hour that a person looks at because no task was done: 5
	Most      int   // reports of one address in an hour, tasks done or not: 200
	Steps     int   // readings of unfinished forms of one address in an hour: 300
	Files     int64 // bytes of files of one address in an hour: 600 MB
	Memory    int   // keys of each sort that are remembered: 200,000
}

func (l Limits) filled() Limits {
	for _, d := range []struct {
		n *int
		v int
	}{{&l.Address, 6}, {&l.Contact, 5}, {&l.Place, 60}, {&l.Unchecked, 5}, {&l.Most, 200}, {&l.Steps, 300}, {&l.Memory, 200_000}} {
		if *d.n <= 0 {
			*d.n = d.v
		}
	}
	if l.Files <= 0 {
		l.Files = 600 << 20
	}
	return l
}

// Options say what a Shield stands on. All fields may be empty.
type Options struct {
	Secret []byte // signs challenges and keys hashes; nil = made anew with every start
	Limits Limits
	Now    func() time.Time
}

// A Shield judges attempts.
type Shield struct {
	limits Limits
	now    func() time.Time
	keyer

	address, contact, place *window // reports in the last hour
	text                    *window // how many addresses sent nearly the same
	unchecked               *window
	files                   *window
	steps                   *window // readings of unfinished forms
	asked                   *window // challenges that an address was given
	fame                    *window // what people said of an address or a contact, in a week
	spent                   *window // challenges that were solved and used
	mu                      sync.Mutex
	senders                 map[int64]sender // of messages
	order                   []int64
	counts                  counts
}

// A sender is who sent a message, so that what a person says of it reaches their reputation.
type sender struct{ address, contact Key }

// mostSenders is how many messages are remembered by their sender.
const mostSenders = 20_000

// New returns a shield.
func New(o Options) *Shield {
	l := o.Limits.filled()
	if o.Now == nil {
		o.Now = time.Now
	}
	if len(o.Secret) == 0 {
		o.Secret = make([]byte, 32)
		_, _ = rand.Read(o.Secret) // it never fails
	}
	hour := func() *window { return newWindow(time.Hour, l.Memory) }
	return &Shield{limits: l, now: o.Now, keyer: keyer{o.Secret}, address: hour(), contact: hour(), place: hour(), text: hour(), unchecked: hour(), files: hour(), steps: hour(),
		asked: newWindow(time.Minute, l.Memory), fame: newWindow(7*24*time.Hour, l.Memory), spent: newWindow(challengeLife, 2*l.Memory), senders: map[int64]sender{}}
}

// An Attempt is one try to file a report.
type Attempt struct {
	Address string // the visitor's, as site.Proxies.Visitor tells
	Contact string // e-mail, phone, name in a messenger; may be empty
	Place   string // what names the place: «19-Абаза-Ленина-5»; may be empty
	Text    string // of the report

	Solved    string // field "altcha": the solution that the widget put there
	Question  string // field "question": what was asked (see Ask.Question)
	Answer    string // field "answer"
	Unchecked bool   // the button "send to a person's look" was pressed
	Trap      string // a field that people do not see and programs fill
	Seconds   int    // between the form's showing and its sending; 0 = not known
	Advert    bool   // the reading says that it is an advertisement (message.Advertisement)
}

// A Reason is a code of why a report resembles spam.
type Reason string

// Reasons.
const (
	NoTask   Reason = "no_task"   // the task that was asked for was not done
	Trapped  Reason = "trap"      // the field that nobody sees was filled
	Hasty    Reason = "hasty"     // written faster than anybody writes
	Links    Reason = "links"     // many links, or little else
	Foreign  Reason = "foreign"   // hardly a Russian letter in a long text
	Copies   Reason = "copies"    // many addresses sent the same words
	AdvertIn Reason = "advert"    // reads like an advertisement
	IllFamed Reason = "ill_famed" // people called what this sender sent spam
	Flood    Reason = "flood"     // far more than one person writes
)

var reasonWords = map[Reason]string{
	NoTask: "проверка не пройдена", Trapped: "заполнено поле, которого люди не видят", Hasty: "отправлено слишком быстро", Links: "много ссылок",
	Foreign: "почти нет русских букв", Copies: "тот же текст пришёл с многих адресов", AdvertIn: "похоже на рекламу", IllFamed: "отправитель уже присылал спам", Flood: "очень много сообщений от одного отправителя",
}

// Name returns the reason in Russian.
func (r Reason) Name() string { return reasonWords[r] }

// A Decision says what becomes of an attempt.
type Decision struct {
	// Ask is set when a task is asked for: the form is shown again, all of it kept.
	Ask *Ask
	// Suspect, when not empty, goes to incident.Suspicions with the message: it is filed, and a
	// person looks.
	Suspect []Reason

	sender sender
}

// An Ask is the task.
type Ask struct {
	Challenge Challenge // for the browser
	Question  string    // for those without JavaScript: a hidden field that names what is asked
	Asked     string    // in words: «Сколько будет семь плюс пять? Ответьте числом.»
	Say       string    // why, in a sentence
}

// Check judges an attempt and counts it. An error is a refusal with a sentence: too many from
// one address. Nothing was filed then, and the form must keep what was written.
func (s *Shield) Check(a Attempt) (d Decision, err error) {
	now := s.now()
	d.sender = sender{s.key("address", network(a.Address)), s.key("contact", plain(a.Contact))}
	place := s.key("place", a.Place)
	fame := s.fame.add(now, d.sender.address, 0) + s.fame.add(now, d.sender.contact, 0)
	byAddress, byContact, byPlace := s.address.add(now, d.sender.address, 0), s.contact.add(now, d.sender.contact, 0), s.place.add(now, place, 0)

	level := 0
	for _, x := range []struct {
		have      float64
		most, top int
	}{{byAddress, s.limits.Address, 3}, {byContact, s.limits.Contact, 3}, {byPlace, s.limits.Place, 1}} { // a whole street without heat is no attack
		switch {
		case x.have >= float64(8*x.most):
			level = max(level, x.top)
		case x.have >= float64(3*x.most):
			level = max(level, min(x.top, 2))
		case x.have >= float64(x.most):
			level = max(level, 1)
		}
	}
	if fame >= 1 {
		level = max(level, min(int(fame), 3))
	}
	if byAddress >= float64(s.limits.Most) {
		s.counts.refused.Add(1)
		return d, fault.New(fault.Forbidden, "too many reports of one address").Say("С вашего адреса за час пришло слишком много сообщений. Подождите час и отправьте ещё раз: написанное осталось в форме. Если ждать нельзя, позвоните нам; при угрозе жизни звоните 112.")
	}
	if level > 0 {
		switch done := s.task(now, a, level); {
		case done == doneFully:
		case done == doneByWord && level < 2: // a question that a program can answer
		case done == doneByWord:
			d.Suspect = append(d.Suspect, Flood)
		case a.Unchecked:
			if s.unchecked.add(now, d.sender.address, 1) > float64(s.limits.Unchecked) {
				s.counts.refused.Add(1)
				return d, fault.New(fault.Forbidden, "too many unchecked reports of one address").Say("С вашего адреса уже пришло много сообщений без проверки. Ответьте на вопрос под формой или подождите час: написанное осталось в форме.")
			}
			d.Suspect = append(d.Suspect, NoTask)
		default:
			s.counts.asked.Add(1)
			d.Ask = s.ask(now, level)
			return d, nil
		}
	}
	s.address.add(now, d.sender.address, 1)
	s.contact.add(now, d.sender.contact, 1)
	s.place.add(now, place, 1)
	if fame >= 1 {
		d.Suspect = append(d.Suspect, IllFamed)
	}
	d.Suspect = append(d.Suspect, s.resembles(now, a)...)
	if len(d.Suspect) > 0 {
		s.counts.suspected.Add(1)
	} else {
		s.counts.passed.Add(1)
	}
	return d, nil
}

// Filed remembers who sent a message, for as long as memory allows: what a person says of it
// (Judged) then reaches them.
func (s *Shield) Filed(message int64, d Decision) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, here := s.senders[message]; here {
		return
	}
	if len(s.order) >= mostSenders {
		for _, old := range s.order[:mostSenders/10] {
			delete(s.senders, old)
		}
		s.order = append([]int64(nil), s.order[mostSenders/10:]...)
	}
	s.senders[message] = d.sender
	s.order = append(s.order, message)
}

// Judged takes what a person says of messages: spam makes the next report of its sender ask
// for a task, a mistake of ours takes that back.
func (s *Shield) Judged(spam bool, messages ...int64) {
	s.mu.Lock()
	var who []sender
	for _, m := range messages {
		if w, ok := s.senders[m]; ok {
			who = append(who, w)
		}
	}
	s.mu.Unlock()
	now := s.now()
	for _, w := range who {
		for _, k := range []Key{w.address, w.contact} {
			n := 1.0
			if !spam {
				n = -min(s.fame.add(now, k, 0), 1)
			}
			s.fame.add(now, k, n)
		}
	}
}

// AdmitFile counts bytes of a file that an address wants to send; its error has a sentence.
func (s *Shield) AdmitFile(address string, bytes int64) error {
	now, k := s.now(), s.key("address", network(address))
	if s.files.add(now, k, 0)+float64(bytes) > float64(s.limits.Files) {
		return fault.New(fault.Forbidden, "too many bytes of one address").Say("С вашего адреса за час пришло слишком много файлов. Отправьте сообщение без этого файла или приложите его через час.")
	}
	s.files.add(now, k, float64(bytes))
	return nil
}

// network returns what of an address counts as one visitor: of IPv6 the /64, which is what a
// household is given.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if a = a.Unmap().WithZone(""); a.Is6() {
		p, _ := a.Prefix(64) // 64 fits
		return p.String()
	}
	return a.String()
}

// plain returns a contact in one spelling: «8 (900) 123-45-67» and «+7 900 1234567» are one,
// and so are a mailbox and its sub-addresses. What is no contact stays as it is.
func plain(contact string) string {
	way, c, err := applicant.ParseContact(contact)
	if err != nil {
		return strings.ToLower(strings.TrimSpace(contact))
	}
	if way == applicant.Mail {
		name, host, _ := strings.Cut(c, "@")
		name, _, _ = strings.Cut(name, "+")
		return name + "@" + host
	}
	return c
}

// Understands counts one reading of an unfinished form for an address, and says whether there
// may be one: reading is dear, and the form works without.
func (s *Shield) Understands(address string) bool {
	k := s.key("address", network(address))
	if s.steps.add(s.now(), k, 0) >= float64(s.limits.Steps) {
		return false
	}
	s.steps.add(s.now(), k, 1)
	return true
}

// Stamp says when a form was shown, signed: for Since.
func (s *Shield) Stamp() string {
	at := strconv.FormatInt(s.now().Unix(), 36)
	k := s.key("stamp", at)
	return at + "." + hex.EncodeToString(k[:8])
}

// Since returns how many seconds ago the form of a stamp was shown, 1 at least; 0 when nobody
// knows: an older program's form, or another process's, or a stamp that was made up.
func (s *Shield) Since(stamp string) int {
	at, mac, _ := strings.Cut(stamp, ".")
	k := s.key("stamp", at)
	unix, err := strconv.ParseInt(at, 36, 64)
	if err != nil || !hmac.Equal([]byte(mac), []byte(hex.EncodeToString(k[:8]))) {
		return 0
	}
	return int(max(s.now().Unix()-unix, 1))
}
