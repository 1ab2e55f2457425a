package demo

import (
	"fmt"
	"time"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/promise"
	"otklik/internal/scope"
)

// outage is one trouble of many people: a cable burns through in the morning two days
// before the end, half a town writes, all of it becomes one incident, one reply goes to
// all, and some of them say what came of it. It does not ask the dice, so that the rest of
// the history stays as it is.
type outage struct {
	h     *history
	n     *Wall
	post  int64
	ids   []incident.ID
	said  []int64 // comments, in the order of ids
	names []string
}

// Who writes, from where and in which words.
var (
	outageNames   = []string{"Алла Зырянова", "Борис Котюшев", "Вера Аёшина", "Глеб Сагалаков", "Дина Тодышева", "Егор Чанков", "Жанна Боргоякова", "Захар Кулаков"}
	outageStreets = []string{"Пушкина", "Щетинкина", "Кирова", "Чертыгашева", "Хакасская", "Вяткина", "Тараса Шевченко"}
	outageWords   = []string{"На улице %s, %d с утра нет света, весь дом без электричества", "%s, %d: света нет третий час, холодильник потёк", "Когда дадут свет? %s %d, сидим без электричества с семи утра",
		"Отключили электричество на %s, %d, никто не предупреждал", "%s %d, нет света во всём подъезде, лифт стоит"}
)

const outageOf = 28 // who write

func (h *history) outageDay() {
	day := h.now.In(h.zone).AddDate(0, 0, -2)
	at := time.Date(day.Year(), day.Month(), day.Day(), 7, 40, 0, 0, h.zone)
	o := &outage{h: h, n: h.networks[0]}
	h.plan(at, func() error {
		o.post = o.n.Fake.PostAt(0, "Доброе утро! Есть ли у вас сегодня свет?", h.clock)
		return nil
	})
	for k := range outageOf {
		h.plan(at.Add(time.Duration(2+3*k)*time.Minute), func() error { return o.write(k) })
	}
	h.plan(at.Add(100*time.Minute), o.gather)
	h.plan(at.Add(110*time.Minute), o.tell)
	h.plan(at.Add(9*time.Hour), o.mended)
	for k, word := range []string{"5", "Спасибо, свет включили, всё работает!", "Свет включили, спасибо, всё работает", "4", "Спасибо! Свет включили"} {
		h.plan(at.Add(9*time.Hour+time.Duration(20+17*k)*time.Minute), func() error { return o.judge(k, word) })
	}
}

func (o *outage) name(k int) string { // two of a name live in a town
	return outageNames[k%len(outageNames)] + []string{"", " (младшая)", " 2", " из Абакана"}[k/len(outageNames)]
}

func (o *outage) write(k int) error {
	h, name := o.h, o.name(k)
	words := fmt.Sprintf(outageWords[k%len(outageWords)], outageStreets[k%len(outageStreets)], 3+7*k)
	id, err := h.said(o.n, o.post, 0, o.n.Fake.Person(name), name, words)
	if err == nil && len(h.opened) == 1 {
		o.ids, o.said, o.names = append(o.ids, h.opened[0]), append(o.said, id), append(o.names, name)
	}
	return err
}

func (o *outage) do(role string, change desk.Change) error {
	_, err := o.h.desk.Do(o.h.ctx, o.h.actor(role), o.ids[0], 0, change)
	return err
}

// gather makes one incident of all.
func (o *outage) gather() error {
	if len(o.ids) < 2 {
		return fmt.Errorf("the outage has %d incidents", len(o.ids))
	}
	if err := o.do("curator", desk.Accept{HandOver: true}); err != nil {
		return err
	}
	if err := o.do("curator", desk.Merge{Others: o.ids[1:]}); err != nil {
		return err
	}
	if err := o.do("curator", desk.Mass{}); err != nil && !fault.Is(err, fault.Conflict) { // so many make it mass by themselves
		return err
	}
	if err := o.do("operator", desk.Note{Text: "Звонили в диспетчерскую: сгорел кабель на подстанции «Северная», бригада на месте."}); err != nil {
		return err
	}
	for _, text := range []string{"Уточнить в диспетчерской, когда включат", "Ответить всем, кто писал", "Проверить, что свет есть на всех улицах"} {
		if err := o.do("operator", desk.Todo{Text: text}); err != nil {
			return err
		}
	}
	return nil
}

// tell answers everybody.
func (o *outage) tell() error {
	h := o.h
	const text = "Здравствуйте! На {{адрес|вашей улице}} свет вернётся {{срок}}: на подстанции сгорел кабель, бригада меняет его с восьми утра."
	if err := o.do("curator", desk.FanOut{Text: text, Due: "сегодня до 18:00", Override: allTheSame}); err != nil {
		return err
	}
	if err := h.leave(); err != nil {
		return err
	}
	return o.tick(1)
}

// leave publishes all that is due.
func (h *history) leave() error {
	for range outageOf {
		n, err := h.publishDue()
		if err != nil || n == 0 {
			return err
		}
	}
	return nil
}

// tick marks a point of the checklist after it was done.
func (o *outage) tick(k int) error {
	items, err := o.h.tx.Checklists().Items(o.h.ctx, int64(o.ids[0]))
	if err != nil || len(items) <= k {
		return err
	}
	return o.do("operator", desk.Tick{Item: items[k].ID})
}

// mended is the evening: the promise was kept, and somebody has looked.
func (o *outage) mended() error {
	h := o.h
	list, err := h.tx.Promises().OfIncident(h.ctx, scope.All(), int64(o.ids[0]))
	if err != nil {
		return err
	}
	for _, p := range list {
		if h.vowed[p.ID] = true; p.State == promise.Open && !p.Vague {
			if err := o.do("curator", desk.KeepPromise{Promise: p.ID, Reason: "по журналу подстанции, включили в 16:25"}); err != nil {
				return err
			}
		}
	}
	return o.tick(2)
}

// judge is one of those who wrote, with a mark or a word.
func (o *outage) judge(k int, word string) error {
	at := k * 5
	_, err := o.h.said(o.n, o.post, o.said[at], o.n.Fake.Person(o.names[at]), o.names[at], word)
	return err
}

// colleagues shows how people work on one thing together: notes, points of a list, another
// agency that helps, links between incidents.
func (h *history) colleagues() error {
	page, err := h.tx.Incidents().Queue(h.ctx, scope.All(), incident.Filter{States: []lifecycle.State{lifecycle.Working}, Order: incident.Newest, Limit: 12})
	if err != nil {
		return err
	}
	for k := range page.Rows {
		i := &page.Rows[k].Incident
		do := func(change desk.Change) {
			if err == nil {
				_, err = h.desk.Do(h.ctx, h.actor("curator"), i.ID, 0, change)
			}
		}
		switch k % 4 {
		case 0:
			do(desk.Note{Text: "Автор просил позвонить до обеда, телефон в карточке.", Mention: []int64{int64(h.actor("operator").ID)}})
			do(desk.Todo{Text: "Позвонить автору"})
		case 1:
			do(desk.Todo{Text: "Выехать на место и снять до начала работ"})
			do(desk.Todo{Text: "Снять, когда будет готово"})
			do(desk.Todo{Text: "Написать автору, что сделано"})
		case 2:
			do(desk.Join{Agency: i.Place.Agency%int64(len(h.people.staff)) + 1})
			do(desk.Note{Text: "Половина участка на балансе соседей, подключили их."})
		case 3:
			if k > 0 && page.Rows[k-1].Place.Agency != 0 {
				do(desk.Relate{Other: page.Rows[k-1].ID})
			}
			do(desk.Follow{})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
