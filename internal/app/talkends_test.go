package app_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/talk"
)

// TestATalkThatIsLeftGoesOnByItself: danger is answered and opened at once; what is not
// confirmed comes to the desk after three hours; words that are no complaint are kept and
// open nothing.
func TestATalkThatIsLeftGoesOnByItself(t *testing.T) {
	t.Parallel()
	n := openTalks(t, source.Telegram)
	n.anna.write(t, "В доме горит проводка, дым идёт, там дети!")
	n.heard(t, "112", "Где это?")
	rows := n.queue(t)
	if len(rows) != 1 || rows[0].Urgency != message.Danger {
		t.Fatalf("danger opened %d incidents", len(rows))
	}
	danger := rows[0].ID
	calls, err := n.DB.Reader().Calls().OfIncident(t.Context(), scope.All(), int64(danger))
	if err != nil || len(calls) != 1 {
		t.Errorf("%d calls, %v", len(calls), err)
	}
	n.anna.write(t, "Абаза, улица Ленина")
	n.heard(t, "Есть фото?")
	if got := n.at(t, danger); got.Address.Settlement != "Абаза" || got.Messages != 2 {
		t.Errorf("the danger is at %q, %d messages", got.Address, got.Messages)
	}
	n.anna.press(t, "Без фото")
	n.heard(t, "передали дежурным", incident.Spoken(rows[0].Number))

	n.anna.write(t, "Во дворе на улице Мира в Абазе третью неделю не вывозят мусор")
	n.heard(t, "новое?")
	n.anna.press(t, "Новое обращение")
	n.heard(t, "Есть фото?")
	end := func(want int) {
		t.Helper()
		if k, err := n.Dialogue.End(t.Context()); err != nil || k != want {
			t.Fatalf("%d talks ended, %v", k, err)
		}
	}
	end(0)
	n.clock.Add(int64((3 * time.Hour).Seconds()) + 1)
	end(1)
	n.heard(t, "передали ваше обращение как есть")
	if rows := n.queue(t); len(rows) != 2 || !strings.Contains(rows[0].Address.Street, "Мира") {
		t.Fatalf("after the silence: %+v", rows)
	}
	end(0)

	before := len(n.queue(t))
	n.anna.write(t, "хм")
	n.heard(t, "новое?")
	n.anna.press(t, "Ничего не нужно")
	n.heard(t, "выберите")
	n.anna.write(t, "яма у школы")
	n.heard(t)
	n.anna.press(t, "Новое обращение")
	n.heard(t)
	n.anna.write(t, "отмена")
	n.heard(t, "не отправлено")
	if after := len(n.queue(t)); after != before {
		t.Errorf("%d incidents more", after-before)
	}
}

// TestNeighboursJoin: who writes about what is open at the same place is asked, joins, and
// hears the answer.
func TestNeighboursJoin(t *testing.T) {
	t.Parallel()
	n := openTalks(t, source.Telegram)
	n.anna.write(t, "В Абазе на улице Ленина огромная яма на дороге")
	n.heard(t, "Есть фото?")
	n.anna.press(t, "Без фото")
	n.heard(t)
	n.anna.press(t, "Отправить")
	n.heard(t, "Принято")
	first := n.queue(t)[0]
	boris := n.other("Борис")
	boris.write(t, "В Абазе на улице Ленина яма на дороге, когда заделают?")
	n.turn(t)
	boris.press(t, "И у меня")
	n.turn(t)
	if said := strings.Join(boris.said(), "\n"); !strings.Contains(said, "Вы присоединились к обращению № "+incident.Spoken(first.Number)) {
		t.Fatalf("the neighbour heard %q", said)
	}
	if rows := n.queue(t); len(rows) != 1 || rows[0].Messages != 2 {
		t.Fatalf("%d incidents, %d messages", len(rows), rows[0].Messages)
	}
	n.answer(t, first.ID, "Яму засыпали 21 ноября, асфальт уложили. Спасибо, что сообщили о ней.")
	n.turn(t)
	if said := boris.said(); !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, "Яму засыпали") }) || !strings.Contains(said[len(said)-1], "Всё ли решено?") {
		t.Errorf("the neighbour heard %q", said)
	}
}

// TestAskedBackByButtons: our question about the place comes with the places that the words
// fit, and a press answers it.
func TestAskedBackByButtons(t *testing.T) {
	t.Parallel()
	n := openTalks(t, source.Telegram)
	n.Places.Add([]place.Place{ // two streets of one name
		{ID: place.StreetID("95701000001", "пушкина", "улица"), Level: place.Street, Name: "Пушкина", Type: "улица", Region: khakassia, Municipality: "95701000", Settlement: "95701000001"},
		{ID: place.StreetID("95702000001", "пушкина", "улица"), Level: place.Street, Name: "Пушкина", Type: "улица", Region: khakassia, Municipality: "95702000", Settlement: "95702000001"},
	})
	n.anna.write(t, "На улице Пушкина не горят фонари")
	n.heard(t, "какое это место")
	n.clock.Add(int64((3 * time.Hour).Seconds()) + 1)
	if k, err := n.Dialogue.End(t.Context()); err != nil || k != 1 {
		t.Fatal(k, err)
	}
	n.turn(t)
	i := n.queue(t)[0]
	n.do(t, i.ID, desk.Ask{Text: "Уточните, пожалуйста, в каком это населённом пункте?"})
	n.clock.Add(60)
	if _, err := n.Outbox.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.heard(t, "нажмите")
	if s := n.at(t, i.ID); s.State != lifecycle.Asked {
		t.Fatalf("state %s", s.State)
	}
	lines, err := n.DB.Reader().Talks().Lines(t.Context(), scope.All(), int64(i.ID), 100)
	if err != nil {
		t.Fatal(err)
	}
	last := lines[len(lines)-1]
	if last.Key != string(talk.KeyPlaces) || len(last.Buttons) < 2 {
		t.Fatalf("the last line is %+v", last)
	}
	n.anna.press(t, last.Buttons[0][0].Label)
	n.heard(t, "Спасибо!")
	got := n.at(t, i.ID)
	if got.State != lifecycle.Triage || got.Address.Settlement == "" || got.Settlement == "" || slices.Contains(got.Missing, message.MissingPlace) {
		t.Errorf("after the press: %s at %q (%s), misses %v", got.State, got.Address, got.Settlement, got.Missing)
	}
}

// TestWhoStopsTheBot: nothing more is tried until they write again; the page of sources
// can say so.
func TestWhoStopsTheBot(t *testing.T) {
	t.Parallel()
	for _, kind := range []source.Kind{source.Telegram, source.Max} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			n := openTalks(t, kind)
			n.anna.write(t, "В Абазе на улице Ленина огромная яма на дороге")
			n.heard(t, "Есть фото?")
			n.anna.press(t, "Без фото")
			n.heard(t)
			n.anna.press(t, "Отправить")
			n.heard(t, "Принято")
			i := n.queue(t)[0]
			n.block()
			n.do(t, i.ID, desk.Accept{})
			n.do(t, i.ID, desk.HandOver{Agency: n.agency(t)})
			n.turn(t)
			n.do(t, i.ID, desk.HandOver{Agency: n.agency(t)})
			n.turn(t)
			stands, err := n.DB.Reader().Talks().Stands(t.Context(), scope.All())
			if err != nil || len(stands) != 1 || stands[0].Blocked != 1 || stands[0].Waiting != 0 {
				t.Errorf("stands %+v, %v", stands, err)
			}
			if k := n.Dialogue.Counted()["dead"]; k != 1 {
				t.Errorf("%d lines were tried in vain, want 1", k)
			}
			n.anna.write(t, incident.Spoken(i.Number))
			n.heard(t, "передано")
		})
	}
}

// TestAfterACrash: what was half said is not said twice, what was pressed is done once, and
// the talk goes on where it stood.
func TestAfterACrash(t *testing.T) {
	t.Parallel()
	n := openTalks(t, source.Telegram)
	n.anna.write(t, "В Абазе на улице Ленина огромная яма на дороге")
	n.heard(t, "Есть фото?")
	n.anna.press(t, "Без фото")
	n.heard(t, "Отправить?")
	n.anna.press(t, "Отправить")
	n.clock.Add(3)
	n.poll(t) // taken in: the incident stands, «Принято» waits
	var line *talk.Line
	if err := n.DB.Change(t.Context(), incident.Machine, func(tx incident.Tx) (err error) {
		line, err = tx.Talks().Take(t.Context(), n.source, n.now()) // the process falls between taking and telling
		return err
	}); err != nil {
		t.Fatal(err)
	}
	said := len(n.anna.said())
	n.reopen(t, n.Dir, n.App)
	if err := n.Roster.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := n.Dialogue.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.turn(t)
	if again := n.anna.said()[said:]; len(again) != 0 {
		t.Errorf("after the crash it said %q", again)
	}
	if rows := n.queue(t); len(rows) != 1 {
		t.Errorf("%d incidents", len(rows))
	}
	stands, err := n.DB.Reader().Talks().Stands(t.Context(), scope.All())
	if err != nil || stands[0].Unknown != 1 || line.Key != string(talk.KeyTaken) {
		t.Errorf("stands %+v, %v; the line was %s", stands, err, line.Key)
	}
	n.anna.write(t, "статус")
	n.heard(t, incident.Spoken(n.queue(t)[0].Number))
}
