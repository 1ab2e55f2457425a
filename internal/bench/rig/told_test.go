package rig_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"otklik/internal/incident"
	"otklik/internal/notice"
)

// A line is what one person is told of one incident on one channel.
type line struct {
	number, title string
	call          bool
}

// A fate is what the product says became of notices.
type fate struct{ all, sent, unknown, dead, other int }

func (f *fate) add(o fate) {
	f.all, f.sent, f.unknown, f.dead, f.other = f.all+o.all, f.sent+o.sent, f.unknown+o.unknown, f.dead+o.dead, f.other+o.other
}

// judge compares what came to people with what the product says of each delivery.
func (n *noticeRig) judge(t *testing.T, kills int) {
	t.Helper()
	for what, query := range map[string]string{
		"notices told twice": `SELECT count(*) FROM (SELECT 1 FROM notice WHERE kind = 'deadline' AND what = 'overdue' AND step = 'final' GROUP BY account, incident HAVING count(*) > 1) x`,
		"calls told twice":   `SELECT count(*) FROM (SELECT 1 FROM notice WHERE kind = 'call' GROUP BY account, incident HAVING count(*) > 1) x`,
		"notices without a delivery to an address that works": `SELECT count(*) FROM notice n JOIN notice_address a ON a.account = n.account
			WHERE a.state = 'good' AND NOT EXISTS (SELECT 1 FROM notice_delivery d WHERE d.notice = n.id AND d.channel = a.channel)`,
		"deliveries given up without a sentence": `SELECT count(*) FROM notice_delivery WHERE state IN ('dead', 'unknown') AND error = ''`,
		"letters of which the end is unknown":    `SELECT count(*) FROM notice_delivery WHERE state = 'unknown' AND channel = 'mail'`,
	} {
		if k := n.count(t, query); k > 0 {
			t.Errorf("%d %s", k, what)
		}
	}
	var sum tally
	for who, lines := range n.lines(t) {
		sum.add(n.box(t, who, lines))
	}
	t.Logf("notices: %d kills, %d incidents fell due, %d calls; %d deliveries in %d tries: sent %d, unknown %d (%d of them stand), given up %d (addresses that refuse); doubled %d, lost %d; calls that stand twice in a chat %d; notices in letters that came twice under one Message-ID %d; troubles: %v",
		kills, n.due, n.calls, sum.all, n.tried(), sum.sent, sum.unknown, sum.stand, sum.dead, sum.doubled, sum.lost, sum.twice, sum.again, n.counted())
}

// A tally is what became of notices, and what of it came.
type tally struct {
	fate
	stand   int // of the unknown ones
	doubled int
	lost    int
	twice   int // calls, in a chat
	again   int // in letters that came twice under one Message-ID
}

func (s *tally) add(o tally) {
	s.fate.add(o.fate)
	s.stand, s.doubled, s.lost, s.twice, s.again = s.stand+o.stand, s.doubled+o.doubled, s.lost+o.lost, s.twice+o.twice, s.again+o.again
}

// box judges what one person was told on one channel. A message names twenty notices and
// counts the rest, so what is not named must be among the counted.
func (n *noticeRig) box(t *testing.T, b notice.Box, lines map[line]*fate) (sum tally) {
	t.Helper()
	k := slices.IndexFunc(n.people, func(p told) bool { return p.id == b.Account })
	if k < 0 {
		t.Fatalf("a notice left to account %d, which has no address", b.Account)
	}
	p := n.people[k]
	came, works := n.letters(t)[p.mail], p.mail != noMailbox
	if b.Channel == notice.Telegram {
		came, works = n.chat(p.chat), p.chat != closedChat
	}
	seen, hidden, named, missing := map[string]bool{}, 0, 0, 0
	for _, m := range came {
		if hit := counted.FindStringSubmatch(m.text); hit != nil && (m.name == "" || !seen[m.name]) {
			more, _ := strconv.Atoi(hit[1])
			hidden += more
		}
		seen[m.name] = true
	}
	for l, f := range lines {
		sum.fate.add(*f)
		names, count := map[string]bool{}, 0
		for _, m := range came {
			switch {
			case !strings.Contains(m.text, "№ "+l.number+". "+l.title):
			case m.name != "" && names[m.name]:
				sum.again++
			default:
				count++
				names[m.name] = true
			}
		}
		named += min(count, f.all)
		missing += max(f.sent-count, 0)
		sum.stand += min(max(count-f.sent, 0), f.unknown)
		if more := count - f.all; more > 0 && l.call && b.Channel == notice.Telegram {
			sum.twice += more
		} else if more > 0 {
			sum.doubled += more
			t.Errorf("account %d by %s of %s «%s»: %+v, %d came", b.Account, b.Channel, l.number, l.title, *f, count)
		}
		if f.other > 0 || l.call && f.unknown > 0 || f.dead > 0 && works {
			t.Errorf("account %d by %s of %s «%s»: %+v", b.Account, b.Channel, l.number, l.title, *f)
		}
	}
	if sum.lost = max(missing-hidden, 0); sum.lost > 0 {
		t.Errorf("account %d by %s: %d notices are called sent and did not come (%+v, %d are counted in messages without their names)", b.Account, b.Channel, missing, sum.fate, hidden)
	}
	if more := named + hidden - sum.all; more > 0 {
		sum.doubled += more
		t.Errorf("account %d by %s: %d notices more than there are", b.Account, b.Channel, more)
	}
	return sum
}

var counted = regexp.MustCompile(`И ещё уведомлений: (\d+)`)

// lines returns what the product says of each line.
func (n *noticeRig) lines(t *testing.T) map[notice.Box]map[line]*fate {
	t.Helper()
	rows, err := n.db.QueryContext(t.Context(), `SELECT d.account, d.channel, d.state, n.kind, n.what, n.step, coalesce(i.number, '')
		FROM notice_delivery d JOIN notice n ON n.id = d.notice LEFT JOIN incident i ON i.id = n.incident WHERE n.kind <> 'system'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[notice.Box]map[line]*fate{}
	for rows.Next() {
		var b notice.Box
		var state notice.State
		var number string
		var what notice.Notice
		if err := rows.Scan(&b.Account, &b.Channel, &state, &what.Kind, &what.What, &what.Step, &number); err != nil {
			t.Fatal(err)
		}
		l := line{incident.Spoken(number), what.Title(), what.Kind == notice.Call}
		if out[b] == nil {
			out[b] = map[line]*fate{}
		}
		if out[b][l] == nil {
			out[b][l] = &fate{}
		}
		f := out[b][l]
		f.all++
		switch state {
		case notice.Sent:
			f.sent++
		case notice.Unknown:
			f.unknown++
		case notice.Dead:
			f.dead++
		default:
			f.other++
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
