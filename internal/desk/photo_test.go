package desk_test

import (
	"slices"
	"strings"
	"testing"

	"otklik/internal/attachment"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
)

func snap(name string) attachment.File {
	return attachment.File{Hash: name, Small: name + "-small", Kind: attachment.Photo, Type: "image/jpeg", Bytes: 9, Width: 4, Height: 3}
}

// shot adds a picture and returns its id.
func (b *bench) shot(t *testing.T, role lifecycle.Role, i *incident.Incident, name string, part attachment.Part) (*incident.Incident, attachment.ID) {
	t.Helper()
	var id attachment.ID
	i = b.do(t, role, i, desk.AddPhoto{File: snap(name), Part: part, ID: &id})
	if id == 0 {
		t.Fatal("the picture has no id")
	}
	return i, id
}

func (b *bench) denied(t *testing.T, role lifecycle.Role, i *incident.Incident, c desk.Change, kind fault.Kind, says string) {
	t.Helper()
	_, err := b.Do(t.Context(), b.people[role], i.ID, i.Version, c)
	if !fault.Is(err, kind) || !strings.Contains(fault.Sentence(err), says) {
		t.Errorf("%T by %s = %v (%q), want %s with %q", c, role, err, fault.Sentence(err), kind, says)
	}
}

func TestPicturesOfAnIncident(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.open(t, "1", "яма, письмо 1")
	i, before := b.shot(t, lifecycle.Operator, i, "a", attachment.Before)
	i, after := b.shot(t, lifecycle.Operator, i, "b", attachment.NoPart)
	b.denied(t, lifecycle.Operator, i, desk.AddPhoto{File: snap("a")}, fault.Conflict, "уже приложен")
	b.denied(t, lifecycle.Operator, i, desk.AddPhoto{File: snap("c"), Part: "sideways"}, fault.Invalid, "что на снимке")
	b.denied(t, lifecycle.Operator, i, desk.AddPhoto{}, fault.Invalid, "")
	b.denied(t, lifecycle.Leader, i, desk.AddPhoto{File: snap("c")}, fault.Forbidden, "не может")
	i = b.do(t, lifecycle.Operator, i, desk.SortPhoto{Attachment: after, Part: attachment.After})
	b.denied(t, lifecycle.Operator, i, desk.SortPhoto{Attachment: after, Part: attachment.After}, fault.Conflict, "уже так отмечен")
	other := b.open(t, "2", "яма, письмо 2")
	b.denied(t, lifecycle.Operator, other, desk.SortPhoto{Attachment: after, Part: attachment.Before}, fault.NotFound, "нет")
	b.denied(t, lifecycle.Operator, other, desk.RemovePhoto{Attachment: before}, fault.NotFound, "нет")
	i = b.do(t, lifecycle.Operator, i, desk.RemovePhoto{Attachment: before})
	list, err := b.db.Reader().Attachments().OfIncident(t.Context(), scope.All(), int64(i.ID))
	must(t, err)
	if len(list) != 1 || list[0].ID != after || list[0].Part != attachment.After || list[0].By != b.people[lifecycle.Operator].ID {
		t.Errorf("left: %+v", list)
	}
	history, err := b.db.Reader().Incidents().History(t.Context(), scope.All(), i.ID)
	must(t, err)
	var told []string
	for _, e := range history {
		if e.Action == lifecycle.Photo {
			told = append(told, e.Detail.How+" "+e.Detail.Was+">"+e.Detail.Now)
		}
	}
	if want := []string{"added >before", "added >", "sorted >after", "removed before>"}; !slices.Equal(told, want) {
		t.Errorf("the history tells %v, want %v", told, want)
	}
}

// A reply's pictures are seen on a page of ours: the words name it, once, whatever
// happens to them on their way.
func TestAReplyNamesThePageOfItsPictures(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Site = "https://otklik.example"
	i := b.open(t, "1", "яма, письмо 1")
	i, after := b.shot(t, lifecycle.Operator, i, "a", attachment.After)
	i = b.do(t, lifecycle.Operator, i, desk.Submit{Text: "Яму заделали 3 апреля.", Enclose: []attachment.ID{after, after}})
	replies := b.replies(t, i)
	if strings.Contains(replies[0].Text, "http") {
		t.Errorf("a draft names the page: %q", replies[0].Text)
	}
	i = b.do(t, lifecycle.Operator, i, desk.Approve{Reply: replies[0].ID})
	text := b.replies(t, i)[0].Text
	bare, secret, ok := strings.Cut(text, "\n\nФото: https://otklik.example/p/")
	if !ok || bare != "Яму заделали 3 апреля." || len(secret) != 26 {
		t.Fatalf("the reply says %q", text)
	}
	g, err := b.db.Reader().Attachments().Gallery(t.Context(), secret)
	must(t, err)
	if len(g.Files) != 1 || g.Files[0].ID != after || g.Incident != int64(i.ID) {
		t.Errorf("the page has %+v", g)
	}
	b.denied(t, lifecycle.Operator, i, desk.RemovePhoto{Attachment: after}, fault.Conflict, "уже ушёл")
	i = b.do(t, lifecycle.Operator, i, desk.Undo{})
	if _, err := b.db.Reader().Attachments().Gallery(t.Context(), secret); !fault.Is(err, fault.NotFound) {
		t.Errorf("a reply taken back is shown: %v", err)
	}
	i = b.do(t, lifecycle.Operator, i, desk.Answer{Text: text, Enclose: []attachment.ID{after}})
	list := b.replies(t, i)
	again := list[len(list)-1].Text
	if strings.Count(again, "/p/") != 1 || again == text {
		t.Errorf("the new reply says %q, want its own page", again)
	}
	jobs := b.jobs(t)
	if len(jobs) != 1 || jobs[0].Text != again {
		t.Errorf("the outbox would publish %+v", jobs)
	}
	i = b.open(t, "3", "яма, письмо 3")
	i, long := b.shot(t, lifecycle.Operator, i, "c", attachment.After)
	b.denied(t, lifecycle.Operator, i, desk.Answer{Text: strings.Repeat("я", 3990), Enclose: []attachment.ID{long}}, fault.Invalid, "ссылкой на фото")
	b.denied(t, lifecycle.Operator, i, desk.Answer{Text: "да", Enclose: []attachment.ID{after}}, fault.NotFound, "Такого файла")
	b.Site = ""
	b.denied(t, lifecycle.Operator, i, desk.Answer{Text: "Сделали.", Enclose: []attachment.ID{long}}, fault.Conflict, "адрес не настроен")
}

func TestAResidentsPictureIsNeitherRemovedNorSentOn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.open(t, "1", "яма, письмо 1")
	var theirs attachment.ID
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		m, err := tx.Messages().ByNative(t.Context(), "vk:-1", "1")
		if err != nil {
			return err
		}
		a := &attachment.Attachment{Message: int64(m.ID), Source: m.Source, Ref: attachment.Ref{Kind: attachment.Photo, URL: "https://a.example/1.jpg"}, State: attachment.Kept, File: snap("x"), Place: m.Place}
		err = tx.Attachments().Add(t.Context(), a)
		theirs = a.ID
		return err
	}))
	b.denied(t, lifecycle.Operator, i, desk.RemovePhoto{Attachment: theirs}, fault.Forbidden, "прислал житель")
	b.denied(t, lifecycle.Operator, i, desk.Submit{Text: "Сделали.", Enclose: []attachment.ID{theirs}}, fault.Forbidden, "Снимок жителя")
	b.do(t, lifecycle.Operator, i, desk.SortPhoto{Attachment: theirs, Part: attachment.Before})
}

func TestKnownByAPhotoAsksForOne(t *testing.T) {
	t.Parallel()
	b := hearing(t)
	b.PhotoProof = true
	i := b.answered(t, "1")
	for _, c := range []desk.Change{desk.Close{Outcome: lifecycle.Solved, How: desk.ByPhoto}, desk.Verify{How: desk.ByPhoto}} {
		b.denied(t, lifecycle.Curator, i, c, fault.Invalid, "«стало»")
	}
	i, before := b.shot(t, lifecycle.Curator, i, "a", attachment.Before)
	b.denied(t, lifecycle.Curator, i, desk.Close{Outcome: lifecycle.Solved, How: desk.ByPhoto}, fault.Invalid, "«стало»")
	i, after := b.shot(t, lifecycle.Curator, i, "b", attachment.After)
	i = b.do(t, lifecycle.Curator, i, desk.Close{Outcome: lifecycle.Solved, How: desk.ByPhoto})
	var last *feedback.Closure
	last, err := b.db.Reader().Feedback().LastClosure(t.Context(), int64(i.ID))
	must(t, err)
	if last.Photo != int64(after) || !i.Verified() {
		t.Errorf("the closing rests on %d, want %d", last.Photo, after)
	}
	b.denied(t, lifecycle.Curator, i, desk.RemovePhoto{Attachment: after}, fault.Conflict, "закрыли")
	b.do(t, lifecycle.Curator, i, desk.RemovePhoto{Attachment: before})
}

// A picture without words under our reply says something that only a person sees.
func TestAPictureAloneIsForAPerson(t *testing.T) {
	t.Parallel()
	b := hearing(t)
	i := b.answered(t, "1")
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		m := &message.Message{Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: "9", Thread: "post", Event: message.Written, Revision: message.HashOf("9"),
			Author: "anna", SeenAt: noon, PublishedAt: noon, Attachments: []attachment.Ref{{Kind: attachment.Photo, URL: "https://a.example/9.jpg"}}}
		if _, err := tx.Messages().Keep(t.Context(), m, nil); err != nil {
			return err
		}
		_, err := b.Opener(tx, b.people[lifecycle.Operator]).Heard(t.Context(), feedback.Followed{Incident: int64(i.ID), Speaker: feedback.Author}, m, nil)
		return err
	}))
	v := b.voices(t, i.ID)
	if len(v) != 1 || v[0].Meaning != feedback.Unsure || v[0].State != feedback.Waiting || len(v[0].Evidence) != 1 || v[0].Evidence[0].Why != "прислано фото без слов" {
		t.Errorf("heard %+v", v)
	}
}
