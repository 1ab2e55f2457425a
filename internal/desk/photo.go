package desk

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
)

// AddPhoto adds a picture or a document that stands in the vault. It is called while
// the vault holds the bytes (vault.Keep).
type AddPhoto struct {
	File attachment.File
	Part attachment.Part
	ID   *attachment.ID // set to the id of what was added; may be nil
}

// SortPhoto says what a picture shows: how it was, how it is, or neither. Who says so
// of a resident's picture has looked at it: it may be shown to all who see the incident.
type SortPhoto struct {
	Attachment attachment.ID
	Part       attachment.Part
}

// RemovePhoto takes away what staff added, while no reply has left with it and no
// closing rests on it.
type RemovePhoto struct{ Attachment attachment.ID }

func (AddPhoto) Action() lifecycle.Action    { return lifecycle.Photo }
func (SortPhoto) Action() lifecycle.Action   { return lifecycle.Photo }
func (RemovePhoto) Action() lifecycle.Action { return lifecycle.Photo }

// ByPhoto answers "how is it known?".
const ByPhoto = "photo"

// How an entry of the action Photo tells what was done.
const (
	HowAdded   = "added"
	HowSorted  = "sorted"
	HowRemoved = "removed"
)

var parts = []attachment.Part{attachment.NoPart, attachment.Before, attachment.After}

func (s *step) addPhoto(c AddPhoto) error {
	if c.File.Hash == "" || !slices.Contains(parts, c.Part) {
		return fault.New(fault.Invalid, "a picture without bytes, or part %q", c.Part).At("part").Say("Скажите, что на снимке: как было или как стало.")
	}
	if c.File.Kind != attachment.Photo {
		c.Part = attachment.NoPart
	}
	all, err := s.files()
	if err != nil {
		return err
	}
	added := 0
	for k := range all {
		if all[k].Message != 0 {
			continue
		}
		if added++; all[k].Hash == c.File.Hash {
			return fault.New(fault.Conflict, "attachment %d is the same", all[k].ID).At("file").Say("Этот снимок уже приложен.")
		}
	}
	if added >= attachment.MostOfIncident {
		return fault.New(fault.Invalid, "%d attachments", added).At("file").
			Say(fmt.Sprintf("К инциденту уже приложено %d файлов, больше нельзя. Уберите лишние.", added))
	}
	a := &attachment.Attachment{Incident: int64(s.i.ID), Ref: attachment.Ref{Kind: c.File.Kind}, State: attachment.Kept, Part: c.Part, File: c.File, By: s.who.ID, At: s.now, Place: s.i.Place}
	if err := s.tx.Attachments().Add(s.ctx, a); err != nil {
		return err
	}
	if c.ID != nil {
		*c.ID = a.ID
	}
	s.record(incident.Entry{Action: lifecycle.Photo, Detail: incident.Detail{File: int64(a.ID), How: HowAdded, Now: string(a.Part)}})
	return nil
}

// files returns what is attached to the incident.
func (s *step) files() ([]attachment.Attachment, error) {
	return s.tx.Attachments().OfIncident(s.ctx, s.who.Scope, int64(s.i.ID))
}

// file returns one of them.
func (s *step) file(id attachment.ID) (*attachment.Attachment, error) {
	a, err := s.tx.Attachments().Attachment(s.ctx, s.who.Scope, id)
	if err != nil {
		return nil, err
	}
	if a.Incident != int64(s.i.ID) {
		return nil, fault.New(fault.NotFound, "attachment %d is not of incident %d", id, s.i.ID).At("file").Say("Такого файла у этого инцидента нет.")
	}
	return a, nil
}

func (s *step) sortPhoto(c SortPhoto) error {
	a, err := s.file(c.Attachment)
	if err != nil {
		return err
	}
	if !a.Picture() || !slices.Contains(parts, c.Part) {
		return fault.New(fault.Invalid, "attachment %d as %q", a.ID, c.Part).At("part").Say("«Было» и «стало» говорят только о снимке.")
	}
	if a.Part == c.Part {
		return fault.New(fault.Conflict, "attachment %d is %q already", a.ID, a.Part).Say("Ничего не изменилось: снимок уже так отмечен.")
	}
	s.record(incident.Entry{Action: lifecycle.Photo, Detail: incident.Detail{File: int64(a.ID), How: HowSorted, Was: string(a.Part), Now: string(c.Part)}})
	a.Part = c.Part
	return s.tx.Attachments().Save(s.ctx, a)
}

func (s *step) removePhoto(c RemovePhoto) error {
	a, err := s.file(c.Attachment)
	if err != nil {
		return err
	}
	if a.Message != 0 {
		return fault.New(fault.Forbidden, "attachment %d came with message %d", a.ID, a.Message).
			Say("Снимок прислал житель: он исчезает вместе со словами, когда их стирают по просьбе автора.")
	}
	replies, err := s.tx.Replies().OfIncident(s.ctx, s.who.Scope, int64(s.i.ID))
	if err != nil {
		return err
	}
	with, err := s.tx.Attachments().Enclosed(s.ctx, int64(s.i.ID))
	if err != nil {
		return err
	}
	for k := range replies {
		r := &replies[k]
		if r.State != reply.Draft && r.State != reply.Returned && slices.ContainsFunc(with[int64(r.ID)], func(e attachment.Attachment) bool { return e.ID == a.ID }) {
			return fault.New(fault.Conflict, "attachment %d went with reply %d", a.ID, r.ID).Say("Этот снимок уже ушёл с ответом. Убрать его нельзя.")
		}
	}
	closures, err := s.tx.Feedback().Closures(s.ctx, int64(s.i.ID))
	if err != nil {
		return err
	}
	for k := range closures {
		if closures[k].Photo == int64(a.ID) {
			return fault.New(fault.Conflict, "closure %d rests on attachment %d", closures[k].ID, a.ID).Say("По этому снимку закрыли инцидент. Убрать его нельзя.")
		}
	}
	s.record(incident.Entry{Action: lifecycle.Photo, Detail: incident.Detail{File: int64(a.ID), How: HowRemoved, Was: string(a.Part)}})
	return s.tx.Attachments().Remove(s.ctx, a.ID)
}

// proof returns the last picture of how it is, 0 for none. It is Invalid where one is
// asked for and there is none.
func (s *step) proof(how string) (attachment.ID, error) {
	if how != ByPhoto {
		return 0, nil
	}
	all, err := s.files()
	if err != nil {
		return 0, err
	}
	for _, a := range slices.Backward(all) {
		if a.Picture() && a.Part == attachment.After {
			return a.ID, nil
		}
	}
	if !s.desk.PhotoProof {
		return 0, nil
	}
	return 0, fault.New(fault.Invalid, "known by a photo, and there is none").At("photo").
		Say("Приложите снимок «стало»: без него не видно, что решено. Если снимка нет, выберите, откуда ещё это известно.")
}

// enclose notes what goes with a reply. Only what staff added may, and what a
// resident sent does not: it is shown by the one who sent it.
func (s *step) enclose(r *reply.Reply, ids []attachment.ID) error {
	if len(ids) > attachment.MostOfReply {
		return fault.New(fault.Invalid, "%d enclosures", len(ids)).At("enclose").
			Say(fmt.Sprintf("К ответу можно приложить до %d снимков.", attachment.MostOfReply))
	}
	var list []attachment.ID
	for _, id := range ids {
		if slices.Contains(list, id) {
			continue
		}
		a, err := s.file(id)
		if err != nil {
			return err
		}
		if a.Message != 0 || a.State != attachment.Kept {
			return fault.New(fault.Forbidden, "attachment %d is a resident's", id).At("enclose").
				Say("Снимок жителя к ответу не прикладывают. Приложите свой.")
		}
		list = append(list, id)
	}
	return s.tx.Attachments().Enclose(s.ctx, int64(r.ID), s.i.Place.Region, list)
}

// galleryPath is where residents see what goes with a reply.
const galleryPath = "/p/"

// goes settles what goes with a reply that is on its way: it puts the link to the
// pictures into its words, once, because the networks that we publish to take no files
// from us (docs/outbox.md). A reply that somebody gives by hand has the link, too. The
// reply is stored already, and stored again with the link.
func (s *step) goes(r *reply.Reply, published bool) error {
	if len(s.enclosing) > 0 {
		if err := s.enclose(r, s.enclosing); err != nil {
			return err
		}
	}
	with, err := s.tx.Attachments().Enclosed(s.ctx, int64(s.i.ID))
	if err != nil || len(with[int64(r.ID)]) == 0 || s.desk.Site == "" && !published {
		return err
	}
	if s.desk.Site == "" {
		return fault.New(fault.Conflict, "no site is configured").At("enclose").
			Say("Фото показываются жителю на странице портала, а её адрес не настроен. Уберите фото из ответа или попросите администратора указать адрес.")
	}
	if bare(r.Text, s.desk.Site) != r.Text {
		return nil
	}
	secret := strings.ToLower(rand.Text())
	text := r.Text + photoLine + s.desk.Site + galleryPath + secret
	if n := utf8.RuneCountInString(text); n > replyLimit {
		return fault.New(fault.Invalid, "the reply with its link has %d characters", n).At("text").
			Say(fmt.Sprintf("Вместе со ссылкой на фото в ответе %d знаков из %d. Сократите его.", n, replyLimit))
	}
	r.Text = text
	if err := s.tx.Replies().SaveReply(s.ctx, r); err != nil {
		return err
	}
	return s.tx.Attachments().Publish(s.ctx, secret, int64(r.ID), s.i.Place.Region)
}

const photoLine = "\n\nФото: "

// bare returns the words of a reply without the link to its pictures.
func bare(text, site string) string {
	if site == "" {
		return text
	}
	before, _, _ := strings.Cut(text, photoLine+site+galleryPath)
	return before
}
