package staff

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/site"
)

// A ReplyView is one reply.
type ReplyView struct {
	ID                          reply.ID
	State                       reply.State
	StateAs, Purpose            string
	Text, By, When, URL, Reason string
	Approve, Return             bool
	Lint                        *LintView
	Private, Cleared            string // for the author alone; why personal data may stand
	Machine                     string // that it began as a machine's draft
	Where                       string // how far on its way it is
	Files                       []PhotoView
}

var purposeWords = map[reply.Purpose]string{reply.Final: "окончательный", reply.Interim: "промежуточный", reply.Question: "вопрос автору", reply.Survey: "спросили, решено ли"}

func replyView(r *reply.Reply, people map[account.ID]string, can map[lifecycle.Action]bool, now time.Time, zone *time.Location) ReplyView {
	v := ReplyView{ID: r.ID, State: r.State, StateAs: r.State.Name(), Purpose: purposeWords[r.Purpose], Text: r.Text, By: people[r.By], URL: webURL(r.URL), Reason: r.Reason,
		When: site.DateTime(r.CreatedAt, now, zone), Approve: can[lifecycle.Approve] && (r.State == reply.Draft || r.State == reply.Failed),
		Return: can[lifecycle.Return] && r.State == reply.Draft}
	v.Lint, v.Private, v.Cleared, v.Machine = lintOf(r), r.Private, r.Cleared, r.Machine
	if !r.PublishedAt.IsZero() {
		v.When = site.DateTime(r.PublishedAt, now, zone)
	}
	return v
}

// onTheWay says how far each reply that is being sent has come. While one is, no
// other may be written: the page tells that it leaves, not that it waits for approval.
func (s *Staff) onTheWay(ctx context.Context, tx incident.Tx, me *account.Account, replies []reply.Reply, p *IncidentPage, now time.Time, zone *time.Location) (map[reply.ID]string, error) {
	ways := map[reply.ID]string{}
	for k := range replies {
		r := &replies[k]
		if r.State != reply.Approved {
			continue
		}
		p.Sending = true
		delete(p.Can, lifecycle.Approve)
		delete(p.Can, lifecycle.Submit)
		if p.State == lifecycle.Approval {
			p.Phrase = r.State.Name()
		}
		resting, err := desk.Resting(ctx, tx, me.Scope(), now)
		if err != nil {
			return nil, err
		}
		switch job, err := tx.Replies().Job(ctx, r.ID); {
		case fault.Is(err, fault.NotFound): // it has just arrived
			ways[r.ID] = "Ответ вот-вот встанет под сообщением: обновите страницу."
		case err != nil:
			return nil, err
		case job.State == reply.Waiting && resting[job.Source].Waits:
			if job.Tries == 0 && !job.Unclear && lifecycle.May(me.Role, lifecycle.Deliver) {
				p.Later = append(p.Later, laterOne{r.ID, &LaterView{Recall: true}})
			}
			ways[r.ID] = "Ответ ждёт. " + resting[job.Source].Sentence
		case job.Shut():
			p.Later = append(p.Later, laterOne{r.ID, waits(job, me, now)})
			ways[r.ID] = "Ответ ждёт. " + job.Note + " Попробуем снова " + site.DateTime(job.NextAt, now, zone) + "."
		case job.State == reply.Sending || !job.NextAt.After(now) && job.Tries == 0:
			ways[r.ID] = "Ответ отправляется прямо сейчас."
		case job.Tries == 0 && job.NextAt.Sub(now) > time.Minute:
			p.Later = append(p.Later, laterOne{r.ID, waits(job, me, now)})
			ways[r.ID] = "Ответ уйдёт " + site.DateTime(job.NextAt, now, zone) + "."
		case job.Tries == 0:
			ways[r.ID] = "Ответ уйдёт через несколько секунд."
		default:
			ways[r.ID] = "Площадка пока не приняла ответ (" + site.Count(job.Tries, "попытка", "попытки", "попыток") + "). Отклик попробует снова: " + site.DateTime(job.NextAt, now, zone) + "."
		}
	}
	if n := len(replies); n > 0 && replies[n-1].State == reply.Returned && replies[n-1].Reason == desk.Recalled && replies[n-1].By == me.ID {
		p.Recalled, p.RecalledPrivate = replies[n-1].Text, replies[n-1].Private
	}
	return ways, nil
}
