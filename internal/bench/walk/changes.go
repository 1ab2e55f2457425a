package walk

import (
	"fmt"
	"slices"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/topic"
)

// texts of replies; the second one promises nothing and says nothing.
var texts = []string{"Яму засыпали 20 ноября, улица Ленина, 5.", "Спасибо за обращение.", "Работы идут, закончим в пятницу."}

// change makes a change of the action, mostly one that fits; nil where there is nothing to do it to.
func (w *Walker) change(a lifecycle.Action, i *incident.Incident, who account.Actor) (desk.Change, error) {
	var found things
	if err := w.store.View(func(tx incident.Tx) (err error) { found, err = w.things(tx, i); return err }); err != nil {
		return nil, err
	}
	reason := "как в акте осмотра"
	if w.chance(4) {
		reason = ""
	}
	agency := pick(w, w.agencies)
	other := w.any().ID
	switch a {
	case lifecycle.Accept:
		return desk.Accept{HandOver: w.chance(60)}, nil
	case lifecycle.Reject:
		return desk.Reject{Reason: reason}, nil
	case lifecycle.Ask:
		return desk.Ask{Text: "Напишите, пожалуйста, адрес."}, nil
	case lifecycle.HandOver:
		c := desk.HandOver{Agency: agency, Reason: reason}
		if e := w.people[lifecycle.Executor]; w.chance(30) {
			c.Executor = int64(pick(w, e).ID)
		}
		return c, nil
	case lifecycle.Decline:
		c := desk.Decline{Reason: reason, To: agency}
		if w.chance(60) {
			c.To = w.agencies[0] + w.agencies[1] - i.Place.Agency // the other one
		}
		if w.chance(30) {
			c.To, c.Unknown = 0, "адрес не назван"
		}
		return c, nil
	case lifecycle.Decide:
		c := desk.Decide{Agency: agency, Reason: reason}
		if w.chance(30) {
			c.Rule = &desk.Ruling{Group: w.chance(50), Wide: w.chance(50)}
		}
		return c, nil
	case lifecycle.Take:
		return desk.Take{}, nil
	case lifecycle.Submit:
		return desk.Submit{Text: pick(w, texts), Purpose: pick(w, []reply.Purpose{"", reply.Interim})}, nil
	case lifecycle.Approve:
		return w.approval(&found), nil
	case lifecycle.Return:
		return desk.Return{Reply: found.draft, Reason: reason}, nil
	case lifecycle.Close:
		return desk.Close{Outcome: pick(w, append(lifecycle.Outcomes(), lifecycle.Solved, lifecycle.Solved, lifecycle.Solved)), Reason: reason, How: pick(w, []string{"", "photo", "author", "none"})}, nil
	case lifecycle.Reopen:
		return desk.Reopen{Reason: reason}, nil
	case lifecycle.Verify:
		return desk.Verify{How: pick(w, []string{"photo", "inspector", "слухи"})}, nil
	case lifecycle.Correct:
		return w.correction(), nil
	case lifecycle.Attach:
		return desk.Attach{Message: message.ID(1 + w.rnd.IntN(w.native))}, nil
	case lifecycle.Detach:
		return desk.Detach{Message: found.message}, nil
	case lifecycle.Erase:
		if w.chance(50) { // words that are gone are gone
			return nil, nil
		}
		return desk.Erase{Message: found.message}, nil
	case lifecycle.Merge:
		return desk.Merge{Others: []incident.ID{other}}, nil
	case lifecycle.Split:
		if len(w.merges) == 0 {
			return nil, nil
		}
		return desk.Split{Other: pick(w, w.merges).other}, nil
	case lifecycle.Dismiss:
		return desk.Dismiss{Others: []incident.ID{other}}, nil
	case lifecycle.Relate:
		if w.chance(30) {
			return desk.Unrelate{Other: other}, nil
		}
		return desk.Relate{Other: other}, nil
	case lifecycle.Deliver:
		return w.delivery(&found), nil
	}
	return w.rest(a, i, &found, reason, agency), nil
}

// rest makes the changes that move no state.
func (w *Walker) rest(a lifecycle.Action, i *incident.Incident, found *things, reason string, agency int64) desk.Change {
	switch a {
	case lifecycle.Claim:
		return desk.Claim{}
	case lifecycle.Release:
		return desk.Release{}
	case lifecycle.Undo:
		return desk.Undo{}
	case lifecycle.Hear:
		return desk.Hear{Meaning: pick(w, []feedback.Meaning{feedback.Confirmed, feedback.Refuted, feedback.Partly, feedback.Mark}), Mark: w.rnd.IntN(6)}
	case lifecycle.Weigh:
		return desk.Weigh{Voice: found.voice, Meaning: pick(w, feedback.Meanings())}
	case lifecycle.Survey:
		return desk.Survey{}
	case lifecycle.Check:
		return desk.Check{Solved: w.chance(50), Reason: reason}
	case lifecycle.Link:
		return desk.Link{Problem: found.problem}
	case lifecycle.Called:
		return desk.Called{Call: found.call, Whom: "112", Said: reason, Needless: w.chance(20)}
	case lifecycle.KeepPromise:
		return desk.KeepPromise{Promise: found.promise, Reason: reason}
	case lifecycle.BreakPromise:
		return desk.BreakPromise{Promise: found.promise, Reason: reason}
	case lifecycle.MovePromise:
		return desk.MovePromise{Promise: found.promise, Until: w.now.Add(time.Duration(w.rnd.IntN(300)-10) * time.Hour), Reason: reason}
	case lifecycle.DropPromise:
		return desk.DropPromise{Promise: found.promise}
	case lifecycle.Join:
		return desk.Join{Agency: agency}
	case lifecycle.Leave:
		return desk.Leave{Agency: agency}
	case lifecycle.Note:
		return desk.Note{Text: "Позвонил в диспетчерскую."}
	case lifecycle.Follow:
		return desk.Follow{Off: w.chance(30)}
	case lifecycle.Todo:
		return desk.Todo{Text: "Выехать на место"}
	case lifecycle.Mass:
		return desk.Mass{Off: w.chance(15)}
	case lifecycle.Extend:
		until := w.now
		if !i.Clock.Due.IsZero() {
			until = i.Clock.Due
		}
		c := desk.Extend{Until: until.AddDate(0, 0, w.rnd.IntN(12)-1), Reason: reason}
		if w.chance(70) {
			c.Notice = "Срок продлён до пятницы: ждём материалы."
		}
		return c
	case lifecycle.Pause:
		return desk.Pause{Reason: reason}
	case lifecycle.Resume:
		return desk.Resume{Reason: reason}
	case lifecycle.Regime:
		list := w.books[w.book].Regimes()
		r := pick(w, list)
		if w.chance(60) {
			r = list[slices.IndexFunc(list, func(r regime.Regime) bool { return r.Extension != nil })]
		}
		return desk.SetRegime{Regime: r.Code, Reason: reason}
	}
	return nil // what the machine alone does
}

func (w *Walker) approval(found *things) desk.Change {
	switch p := w.rnd.IntN(10); {
	case found.draft != 0 && p < 6:
		return desk.Approve{Reply: found.draft}
	case found.mass && p < 9:
		return desk.FanOut{Text: pick(w, []string{"Аварию устранили, {{адрес|ваш адрес}}.", "Свет дали.", "Работы идут {{срок}}."}), Skip: w.chance(80), Auto: w.chance(40)}
	}
	c := desk.Answer{Text: pick(w, texts), Purpose: pick(w, []reply.Purpose{"", "", reply.Interim}), To: found.message}
	if w.chance(10) {
		c.At = w.now.Add(time.Duration(w.rnd.IntN(40)-5) * time.Hour)
	}
	return c
}

func (w *Walker) correction() desk.Change {
	var c desk.Correct
	switch w.rnd.IntN(4) {
	case 0:
		code := pick(w, []topic.Code{"roads.potholes", fastTopic(), topic.Undefined})
		c.Topic = &code
	case 1:
		u := pick(w, []message.Urgency{message.Normal, message.High, message.Danger})
		c.Urgency = &u
	case 2:
		centre := pick(w, []string{abakan, abaza, "", "99"})
		c.Centre = &centre
	default:
		c.Address = &incident.Address{Settlement: "Абаза", Street: "улица Мира", House: fmt.Sprint(w.rnd.IntN(9))}
	}
	return c
}

func (w *Walker) delivery(found *things) desk.Change {
	if found.job != 0 && w.chance(60) {
		return pick(w, []desk.Change{desk.Stands{Job: found.job}, desk.Resend{Job: found.job}})
	}
	how := pick(w, []string{desk.HowNow, desk.HowRecall, desk.HowStands, desk.HowResend, desk.HowMore, desk.HowPause, desk.HowResume, desk.HowCancel})
	c, err := desk.Delivery(how, found.approved, found.job, found.fanout, "передумали")
	if err != nil {
		return nil
	}
	return c
}
